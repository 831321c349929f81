package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheListener;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.InvalidationFailures;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Invalidations that are queued when the store fails, instead of failing for their caller. */
@OnEveryStore
class QueuedInvalidationTest extends CacheTest {
  private static final List<Consumer<CacheAside<String, String>>> CALLS =
      List.of(
          cache -> cache.invalidate("k"),
          cache -> cache.invalidateAll("k", "another"),
          cache -> cache.invalidateAll(List.of("k")),
          cache -> cache.invalidateTag("t"),
          cache -> cache.invalidateMatching("*"),
          CacheAside::clear,
          cache -> cache.writeThenInvalidate("k", () -> "written"),
          cache -> cache.runThenInvalidate("k", () -> {}));

  private final ConcurrentLinkedQueue<String> failed = new ConcurrentLinkedQueue<>();

  private CacheAside<String, String> queueing(FaultyStore store) {
    return open(
        builder()
            .store(store)
            .tags(key -> Set.of("t"))
            .instantClear()
            .invalidationRetry(RetryPolicy.none())
            .invalidationFailures(InvalidationFailures.QUEUE)
            .listener(
                new CacheListener<>() {
                  @Override
                  public void onInvalidationFailure(String what, Throwable failure) {
                    failed.add(what);
                  }
                }));
  }

  @Test
  void theCallerGoesOnAndTheInvalidationIsRepeated() {
    for (Consumer<CacheAside<String, String>> call : CALLS) {
      FaultyStore store = faultyStore();
      CacheAside<String, String> cache = queueing(store);
      cache.put("k", "old");
      failed.clear();
      store.every().fail(Reason.DISCONNECTED);

      call.accept(cache);

      assertThat(failed).isNotEmpty();
      assertThat(cache.stats().unconfirmedInvalidations()).isPositive();
      assertThat(cache.get("k", key -> "new")).isEqualTo("new");
      store.heal();
      eventually(
          () -> {
            assertThat(cache.stats().unconfirmedInvalidations()).isZero();
            assertThat(cache.get("k", key -> "new")).isEqualTo("new");
          });
      cache.close();
    }
  }

  @Test
  void aFenceThatCannotBeEndedIsQueuedToo() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(
            builder()
                .store(store)
                .fenceTime(Duration.ofMinutes(1))
                .invalidationRetry(RetryPolicy.none())
                .invalidationFailures(InvalidationFailures.QUEUE));
    store.every().fail(Reason.DISCONNECTED);

    String written = cache.writeThenInvalidate("k", () -> "written");

    assertThat(written).isEqualTo("written");
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    store.heal();
  }

  @Test
  void aClosedStoreIsToldBecauseItDoesNotComeBack() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = queueing(store);
    store.every(Operation.REMOVE).fail(Reason.CLOSED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));
    store.heal();
  }

  @Test
  void withoutThatTheCallerGetsTheFailure() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).invalidationRetry(RetryPolicy.none()));
    store.every(Operation.REMOVE).fail(Reason.DISCONNECTED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));
    store.heal();
  }

  @Test
  void whatNobodyWillRepeatIsTold() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .store(store)
                .closeTimeout(Duration.ZERO)
                .invalidationRetry(RetryPolicy.none())
                .invalidationFailures(InvalidationFailures.QUEUE)
                .build());
    FaultyStore.Hold hold = store.next(Operation.REMOVE).hold();
    CompletableFuture<?> invalidated = cache.async().invalidate("k");
    hold.awaitArrived();

    cache.close();
    hold.fail(Reason.DISCONNECTED);

    assertThat(invalidated)
        .failsWithin(Callers.DEADLINE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(InvalidationFailedException.class);
  }
}
