package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.ReadOptions;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What people read when they print something of this library. */
@InMemoryOnly
class TextTest extends CacheTest {

  @Test
  void optionsSayWhatTheyChange() {
    assertThat(ReadOptions.defaults()).hasToString("ReadOptions[]");
    assertThat(
            ReadOptions.defaults()
                .ttl(Duration.ofSeconds(5))
                .maxAge(Duration.ofMillis(1_500))
                .skipNear()
                .forceRefresh()
                .doNotCache())
        .hasToString("ReadOptions[ttl=5 s, maxAge=1500 ms, skipNear, forceRefresh, doNotCache]");
    assertThat(ReadOptions.defaults().strict()).hasToString("ReadOptions[strict]");
  }

  @Test
  void settingsSayTheirBounds() {
    assertThat(NearCache.ofEntries(10_000))
        .hasToString("NearCache[maxEntries=10000, maxStaleness=1 s]");
    assertThat(NearCache.ofBytes(4_096).withAbsences().maxStaleness(Duration.ofMillis(200)))
        .hasToString("NearCache[maxBytes=4096, maxStaleness=200 ms, withAbsences]");
    assertThat(RetryPolicy.of(3))
        .hasToString("RetryPolicy[maxAttempts=3, firstDelay=100 ms, maxDelay=1 s, deadline=5 s]");
  }

  @Test
  void lookupsSayWhereTheAnswerComesFrom() {
    AtomicLong now = new AtomicLong();
    CacheAside<String, String> cache =
        open(
            builder()
                .store(InMemoryStore.builder().nanoTime(now::get).build())
                .ttl(Duration.ofMinutes(1))
                .absentTtl(Duration.ofMinutes(1))
                .staleIfError(Duration.ofHours(1)));
    cache.put("k", "v");
    cache.putAbsence("absent");
    now.addAndGet(Duration.ofSeconds(20).toNanos());

    assertThat(cache.lookup("k")).hasToString("Hit[v, STORE, age 20 s, fresh for 40 s]");
    assertThat(cache.lookup("absent"))
        .hasToString("AbsentInSource[STORE, age 20 s, fresh for 40 s]");
    assertThat(cache.lookup("unknown")).hasToString("NotCached");
    now.addAndGet(Duration.ofSeconds(41).toNanos());
    assertThat(cache.lookup("k")).hasToString("Stale[v, STORE, age 61 s, stale: EXPIRED]");
  }

  @Test
  void healthSaysWhatIsWrong() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    store.every(Operation.PING).fail(Reason.TIMED_OUT);

    assertThat(cache.health().toString())
        .startsWith("CacheHealth[DEGRADED, ")
        .contains("TIMED_OUT");
  }
}
