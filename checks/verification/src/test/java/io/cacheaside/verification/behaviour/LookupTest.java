package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.Lookup;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Looking without loading. */
@OnEveryStore
class LookupTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aCachedValueIsAHitWithItsAgeAndRest() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));
    cached(cache, "k", "v");

    Lookup<String> found = cache.lookup("k");
    assertThat(found).isInstanceOf(Lookup.Hit.class);
    assertThat(found.value()).contains("v");
    Lookup.Hit<String> hit = (Lookup.Hit<String>) found;
    assertThat(hit.cached()).isEqualTo("v");
    assertThat(hit.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    assertThat(hit.age().plus(hit.remaining())).isEqualTo(HOUR);
  }

  @Test
  void aCachedAbsenceIsToldApart() {
    CacheAside<String, String> cache = open(builder().absentTtl(HOUR));
    cache.get("k", source::get);

    Lookup<String> found = cache.lookup("k");
    assertThat(found).isInstanceOf(Lookup.AbsentInSource.class);
    assertThat(found.value()).isEmpty();
    Lookup.AbsentInSource<String> absent = (Lookup.AbsentInSource<String>) found;
    assertThat(absent.age().plus(absent.remaining())).isEqualTo(HOUR);
  }

  @Test
  void whatIsNotThereIsNotCachedAndNotLoaded() {
    CacheAside<String, String> cache = open();

    assertThat(cache.lookup("k")).isEqualTo(new Lookup.NotCached<>());
    assertThat(cache.lookup("k").value()).isEmpty();

    assertThat(cache.stats().loads()).isZero();
    assertThat(cache.stats().hits() + cache.stats().misses()).isZero();
  }

  @Test
  void whatIsBeingLoadedIsNotCachedAndNotWaitedFor() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertNotCached(cache, "k");

    source.resume();
    load.result();
    eventually(() -> assertCached(cache, "k", "v"));
  }

  @Test
  void aStoreThatFailsHoldsNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    store.every().fail(Reason.TIMED_OUT);

    assertNotCached(cache, "k");
    assertThat(cache.remainingTtl("k")).isEmpty();

    store.heal();
    assertCached(cache, "k", "v");
  }
}
