package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the cache holds and what a read would do, in words. */
@OnEveryStore
class ExplainTest extends CacheTest {

  @Test
  void nothingAndAValue() {
    CacheAside<String, String> cache = open();

    assertThat(cache.explain("k")).contains(name, "'k'", "nothing is cached", "a read loads it");
    cached(cache, "k", "v");
    assertThat(cache.explain("k")).contains("a value of 1 bytes", "loaded in", "a read returns it");
    cache.put("k", "v");
    assertThat(cache.explain("k")).contains("put", "fresh for another");
  }

  @Test
  void aStaleValue() {
    CacheAside<String, String> cache = open(builder().staleIfError(Duration.ofMinutes(1)));
    cache.put("k", "v");
    cache.markStale("k");

    assertThat(cache.explain("k")).contains("stale (marked)", "only if that fails");
  }

  @Test
  void aStaleValueWhoseRefreshFailed() {
    Duration minute = Duration.ofMinutes(1);
    CacheAside<String, String> cache =
        open(builder().staleWhileRevalidate(minute).failureBackoff(minute, minute));
    cache.put("k", "v");
    cache.markStale("k");
    cache.get(
        "k",
        key -> {
          throw new IllegalStateException("no source");
        });

    eventually(
        () ->
            assertThat(cache.explain("k"))
                .contains("IllegalStateException", "the next one is held back"));
  }

  @Test
  void aHoldOffThatNewVersionsPass() {
    CacheAside<String, String> cache =
        open(builder().holdOff(Duration.ofMinutes(1)).version(Long::parseLong));
    cache.invalidate("k", 7);

    assertThat(cache.explain("k")).contains("hold-off", "from version 7 on");
  }

  @Test
  void aLease() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    assertThat(cache.explain("k")).contains("this process is loading it", "waits for that load");

    source.resume();
    load.result();
  }

  @Test
  void anAbsenceAPassABarrierAndATag() {
    CacheAside<String, String> cache =
        open(
            builder()
                .absentTtl(Duration.ofMinutes(1))
                .holdOff(Duration.ofMinutes(1))
                .maxPayloadBytes(3)
                .tags(key -> List.of("tag")));
    cache.get("absent", key -> null);
    cache.get("pass", key -> "1234");
    cache.invalidate("barrier");
    cache.put("tagged", "v");

    eventually(() -> assertThat(cache.explain("absent")).contains("has nothing", "returns null"));
    eventually(() -> assertThat(cache.explain("pass")).contains("not to be cached"));
    assertThat(cache.explain("barrier")).contains("hold-off", "caches nothing");
    cache.invalidateTag("tag");
    assertThat(cache.explain("tagged")).contains("was invalidated", "loads it anew");
  }

  @Test
  void aStoreThatFails() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    store.next(FaultyStore.Operation.READ_TIMED).fail(Reason.REFUSED);

    assertThat(cache.explain("k")).contains("the store failed", "REFUSED");
  }

  @Test
  void aKeyThatIsReadAround() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    cached(cache, "k", "v");
    cached(cache, "other", "v");
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));

    assertThat(cache.explain("k")).contains("a value of 1 bytes", "reads around the cache");
    assertThat(cache.explain("other")).doesNotContain("around");
  }

  @Test
  void keysAreRedacted() {
    CacheAside<String, String> cache = open(builder().redactKeys(true));

    assertThat(cache.explain("secret")).doesNotContain("secret").contains("#");
  }
}
