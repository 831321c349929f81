package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.LoadContext;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a loader is told about its load, and what it decides about the result. */
@OnEveryStore
class LoadContextTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private String uncached(String key, LoadContext<String> context) {
    context.doNotCache();
    return source.get(key);
  }

  @Test
  void aPlainMissHasNoOldValue() {
    CacheAside<String, String> cache = open();

    String value =
        cache.getWithContext(
            "k",
            (key, context) -> {
              assertThat(context.oldValue()).isEmpty();
              assertThat(context.oldValueAge()).isEmpty();
              assertThat(context.remainingTime()).isPositive();
              assertThat(context.isCancelled()).isFalse();
              return "v";
            });

    assertThat(value).isEqualTo("v");
  }

  @Test
  void aReloadIsToldTheOldValue() {
    CacheAside<String, String> cache = open(builder().staleIfError(HOUR));
    cached(cache, "k", "old");
    cache.markStale("k");

    String value =
        cache.getWithContext("k", (key, context) -> context.oldValue().orElse("none") + " and new");

    assertThat(value).isEqualTo("old and new");
  }

  @Test
  void aLoaderMaySetTheTtl() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));

    cache.getWithContext(
        "k",
        (key, context) -> {
          context.ttl(Duration.ofMinutes(1));
          return "v";
        });

    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(cache.remainingTtl("k").orElseThrow()).isLessThanOrEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void whatIsNotToBeCachedIsLoadedByAllAtTheSameTimeUntilItIsCachedAgain() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "v");
    assertThat(cache.getWithContext("k", this::uncached)).isEqualTo("v");
    eventually(() -> assertThat(store.count(Operation.SWAP)).isEqualTo(1));
    assertNotCached(cache, "k");
    source.pause();

    List<Call<String>> calls = callers.start(3, () -> cache.getWithContext("k", this::uncached));
    source.awaitWaiting(3, Callers.DEADLINE);
    source.resume();

    assertThat(Callers.results(calls)).containsOnly("v");
    assertThat(cache.get("k", source::get)).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
  }

  @Test
  void markStaleEndsALoadThatNobodyWaitsFor() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "v");
    cache.getWithContext("k", this::uncached);
    eventually(() -> assertThat(store.count(Operation.SWAP)).isEqualTo(1));
    source.pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.markStale("k");
    source.resume();

    assertThat(load.result()).isEqualTo("v");
    eventually(() -> assertThat(store.count(Operation.SWAP)).isEqualTo(2));
    assertNotCached(cache, "k");
  }

  @Test
  void anOldValueThatIsNotModifiedIsProlongedWithoutBeingSent() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store).staleIfError(HOUR));
    cached(cache, "k", "v");
    cache.markStale("k");
    store.resetCounts();

    assertThat(cache.getWithContext("k", (key, context) -> context.notModified())).isEqualTo("v");

    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(store.count(Operation.SWAP_HEAD, stored("k"))).isEqualTo(1);
    assertThat(store.count(Operation.SWAP, stored("k"))).isZero();
    assertThat(store.count(Operation.PUT, stored("k"))).isZero();
  }

  @Test
  void withoutAnOldValueThereIsNothingThatCouldBeUnmodified() {
    CacheAside<String, String> cache = open();

    assertThatThrownBy(() -> cache.getWithContext("k", (key, context) -> context.notModified()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is no old value");
  }

  @Test
  void aLoaderIsToldThatTheLoadTimeoutIsOver() throws Exception {
    CacheAside<String, String> cache = open(builder().loadTimeout(Duration.ofMillis(200)));
    CountDownLatch cancelled = new CountDownLatch(1);

    Call<String> load =
        callers.start(
            () ->
                cache.getWithContext(
                    "k",
                    (key, context) -> {
                      context.onCancel(cancelled::countDown);
                      cancelled.await();
                      source.with("cancelled", String.valueOf(context.isCancelled()));
                      return "late";
                    }));

    eventually(() -> assertThat(load.isDone()).isTrue());
    eventually(() -> assertThat(source.get("cancelled")).isEqualTo("true"));
    assertNotCached(cache, "k");
  }

  @Test
  void markStaleThatCannotEndALoadFails() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    store.next(Operation.REMOVE_STAMPED).fail(Reason.DISCONNECTED);

    assertThatThrownBy(() -> cache.markStale("k"))
        .isInstanceOfSatisfying(
            StoreException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.DISCONNECTED));

    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void markStaleThatMeetsAnInvalidationLooksAgain() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Hold removal = store.next(Operation.REMOVE_STAMPED).hold();
    Call<Boolean> marking = callers.start(() -> cache.markStale("k"));
    removal.awaitArrived();

    cache.invalidate("k");
    removal.release();

    assertThat(marking.result()).isFalse();
    source.resume();
    assertThat(load.result()).isEqualTo("v");
    assertNotCached(cache, "k");
  }
}
