package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.LoadContext;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A load that nobody waits for any more is given up. */
@InMemoryOnly
class AbandonedLoadTest extends CacheTest {

  @Test
  void theLastOneWhoCancelsEndsTheLoad() {
    AsyncCacheAside<String, String> cache = open().async();
    AtomicReference<LoadContext<String>> told = new AtomicReference<>();
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    CompletableFuture<String> load =
        cache.getWithContext(
            "k",
            (key, context) -> {
              context.onCancel(() -> cancelled.complete("told"));
              told.set(context);
              return new CompletableFuture<>();
            });
    eventually(() -> assertThat(told.get()).isNotNull());

    load.cancel(true);

    assertThat(cancelled.join()).isEqualTo("told");
    assertThat(told.get().isCancelled()).isTrue();
    assertThat(cache.sync().stats().cancelledLoads()).isEqualTo(1);
    assertThat(cache.get("k", key -> CompletableFuture.completedFuture("v")).join()).isEqualTo("v");
  }

  @Test
  void whoStillWaitsKeepsItGoing() {
    AsyncCacheAside<String, String> cache = open().async();
    CompletableFuture<String> source = new CompletableFuture<>();
    CompletableFuture<String> first = cache.get("k", key -> source);
    CompletableFuture<String> second =
        cache.get("k", key -> CompletableFuture.failedFuture(new AssertionError(NOT_LOADED)));
    eventually(() -> assertThat(cache.sync().stats().misses()).isEqualTo(2));

    first.cancel(true);
    source.complete("v");

    assertThat(second.join()).isEqualTo("v");
    assertThat(cache.sync().stats().cancelledLoads()).isZero();
  }

  @Test
  void aGuestWhoLeavesDoesNotEndTheLoadOfAnOwnerWhoseLeaseIsStillOnItsWay() throws Exception {
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache = open(builder().store(store)).async();
    FaultyStore.Hold granted = store.next(FaultyStore.Operation.PUT_IF_ABSENT).holdReply();
    CompletableFuture<String> owner = cache.get("k", key -> CompletableFuture.completedFuture("v"));
    granted.awaitArrived();
    CompletableFuture<String> guest =
        cache.get("k", key -> CompletableFuture.failedFuture(new AssertionError(NOT_LOADED)));
    eventually(() -> assertThat(cache.sync().stats().misses()).isEqualTo(2));

    guest.cancel(true);
    granted.release();

    assertThat(owner.join()).isEqualTo("v");
    assertThat(cache.sync().stats().cancelledLoads()).isZero();
  }

  @Test
  void aBulkLoaderGoesOnWhileSomebodyWaitsForOneOfItsKeys() throws Exception {
    Executor loaders = task -> callers.start(() -> ran(task));
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders)).async().sync();
    source.with("a", "1").with("b", "2").pause();
    Call<?> bulk =
        callers.start(
            () -> cache.getAll(List.of("a", "b"), keys -> Map.of("a", "1", "b", source.get("b"))));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> guest = callers.start(() -> cache.get("b", CacheTest::notLoaded));
    awaitWaiting(cache, 3, List.of(guest));

    bulk.interrupt();
    assertThat(bulk.failure()).isInstanceOf(WaitInterruptedException.class);
    eventually(() -> assertThat(cache.stats().cancelledLoads()).isEqualTo(1));
    source.resume();

    assertThat(guest.result()).isEqualTo("2");
  }

  /** Its caller has gone, so it is not tried again: who still waits tries for itself. */
  @Test
  void whatTheLoaderOfACallerThatLeftThrowsIsNotShared() throws Exception {
    Executor loaders = task -> callers.start(() -> ran(task));
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders)).async().sync();
    List<Callable<?>> ownReads =
        List.of(
            () -> cache.get("b", key -> failed(source.get("b"))),
            () -> cache.getAll(List.of("b"), keys -> Map.of("b", failed(source.get("b")))));
    long misses = 0;
    for (Callable<?> ownRead : ownReads) {
      source.with("b", "2").pause();
      Call<?> own = callers.start(ownRead);
      source.awaitWaiting(1, Callers.DEADLINE);
      Call<String> guest = callers.start(() -> cache.get("b", key -> "own"));
      misses += 2;
      awaitWaiting(cache, misses, List.of(guest));

      own.interrupt();
      assertThat(own.failure()).isInstanceOf(WaitInterruptedException.class);
      source.resume();

      assertThat(guest.result()).isEqualTo("own");
      cache.invalidate("b");
    }
  }

  private static String failed(String read) {
    throw new IllegalStateException("cannot use " + read);
  }

  @Test
  void whatTheActionOfALoaderThrowsEndsNothing() throws Exception {
    AsyncCacheAside<String, String> cache = open().async();
    AtomicInteger cancelled = new AtomicInteger();
    CountDownLatch loading = new CountDownLatch(1);
    CompletableFuture<String> load =
        cache.getWithContext(
            "k",
            (key, context) -> {
              context.onCancel(
                  () -> {
                    cancelled.incrementAndGet();
                    throw new IllegalStateException("cannot cancel");
                  });
              loading.countDown();
              return new CompletableFuture<>();
            });
    loading.await();

    load.cancel(true);

    eventually(() -> assertThat(cancelled).hasValue(1));
    assertThat(cache.get("k", key -> CompletableFuture.completedFuture("v")).join()).isEqualTo("v");
  }

  private static boolean ran(Runnable task) {
    task.run();
    return true;
  }

  @Test
  void theLoaderOfACallerThatLeftIsInterruptedAndNothingThatFollowsOnItsThread() throws Exception {
    CompletableFuture<Boolean> interruptedAfterwards = new CompletableFuture<>();
    Executor loaders =
        task ->
            callers.start(
                () -> {
                  task.run();
                  return interruptedAfterwards.complete(Thread.currentThread().isInterrupted());
                });
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders)).async().sync();
    CountDownLatch loading = new CountDownLatch(1);
    Call<String> call =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      loading.countDown();
                      while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                      }
                      return "late";
                    }));
    loading.await();

    call.interrupt();

    assertThat(interruptedAfterwards.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(cache.stats().cancelledLoads()).isEqualTo(1);
  }
}
