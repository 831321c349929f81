package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.Environment;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A failure leaves nothing behind: no name, no waiting caller, no timer, no step that runs twice.
 */
@InMemoryOnly
@Tag("edge")
class LeftBehindTest extends CacheTest {
  private static final Duration DAY = Duration.ofDays(1);

  /** A store whose calls to begin and to end the notifications fail when they are told to. */
  private static final class WatchFailure extends ForwardingStore {
    private final AtomicBoolean failsToWatch = new AtomicBoolean();
    private final AtomicBoolean failsToUnwatch = new AtomicBoolean();

    WatchFailure(Store delegate) {
      super(delegate);
    }

    @Override
    public boolean watch(ChangeListener listener, Duration maxLag) {
      if (failsToWatch.getAndSet(false)) {
        throw new IllegalStateException("cannot watch");
      }
      return super.watch(listener, maxLag);
    }

    @Override
    public void unwatch(ChangeListener listener) {
      if (failsToUnwatch.getAndSet(false)) {
        throw new IllegalStateException("cannot unwatch");
      }
      super.unwatch(listener);
    }
  }

  /** The system's environment; it knows the timers that are neither due nor cancelled. */
  private static class CountedTimers implements Environment {
    private final Environment system = Environment.system();
    private final Set<Object> pending = ConcurrentHashMap.newKeySet();

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      Object id = new Object();
      pending.add(id);
      Timer timer =
          system.schedule(
              delay,
              () -> {
                pending.remove(id);
                task.run();
              });
      return () -> {
        pending.remove(id);
        timer.cancel();
      };
    }

    @Override
    public long nanoTime() {
      return system.nanoTime();
    }

    @Override
    public Executor executor() {
      return system.executor();
    }

    @Override
    public double random() {
      return system.random();
    }

    @Override
    public void uniqueBytes(byte[] target) {
      system.uniqueBytes(target);
    }
  }

  @Test
  void aNameIsFreeAgainIfItsStoreCannotWatch() {
    WatchFailure store = new WatchFailure(store());
    store.failsToWatch.set(true);

    assertThatIllegalStateException()
        .isThrownBy(() -> builder().store(store).build())
        .withMessage("cannot watch");

    assertThat(open(builder().store(store)).get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aNameIsFreeAgainIfThereAreNoThreadsForIt() {
    CountedTimers environment =
        new CountedTimers() {
          @Override
          public ExecutorService newBackgroundThreads(String cacheName) {
            throw new OutOfMemoryError("no threads");
          }
        };

    assertThatThrownBy(() -> builder().environment(environment).build())
        .isInstanceOf(OutOfMemoryError.class);

    assertThat(open().get("k", key -> "v")).isEqualTo("v");
  }

  /** Two reads of a key at a time are sent at once; those that ended with an error are no more. */
  @Test
  void aReadThatAnErrorHasEndedIsNotCountedAsUnderWay() throws Exception {
    AtomicBoolean fails = new AtomicBoolean(true);
    CountedTimers environment =
        new CountedTimers() {
          @Override
          public Executor executor() {
            return task -> {
              if (fails.get()) {
                throw new OutOfMemoryError("no threads");
              }
              Callers.daemon(task).start();
            };
          }
        };
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache =
        open(CacheAside.builder(name, Codec.string()).store(store).environment(environment))
            .async();
    for (int i = 0; i < 2; i++) {
      Hold read = store.next(Operation.READ).holdReply();
      CompletableFuture<String> future = cache.get("k", LeftBehindTest::loaded);
      read.awaitArrived();
      read.release();
      assertThatThrownBy(future::join).hasRootCauseInstanceOf(OutOfMemoryError.class);
    }
    fails.set(false);

    Hold reads = store.every(Operation.READ).holdReply();
    List<CompletableFuture<String>> futures =
        List.of(cache.get("k", LeftBehindTest::loaded), cache.get("k", LeftBehindTest::loaded));
    reads.awaitArrived(2);
    reads.release();

    assertThat(futures).allSatisfy(future -> assertThat(future.join()).isEqualTo("v"));
  }

  @Test
  void whoStillWaitsAtTheEndIsToldAlthoughTheStoreCannotUnwatch() throws Exception {
    WatchFailure store = new WatchFailure(store());
    store.failsToUnwatch.set(true);
    CacheAside<String, String> cache = builder().store(store).closeTimeout(Duration.ZERO).build();
    CountDownLatch loading = new CountDownLatch(1);
    CompletableFuture<String> read =
        cache
            .async()
            .get(
                "k",
                key -> {
                  loading.countDown();
                  return new CompletableFuture<>();
                });
    loading.await();

    assertThatIllegalStateException().isThrownBy(cache::close).withMessage("cannot unwatch");

    assertThatThrownBy(read::join).hasRootCauseMessage("Cache '" + name + "' is closed");
  }

  @Test
  void noTimerOfATryIsLeftWhenItsCallerHasGone() throws Exception {
    CountedTimers environment = new CountedTimers();
    CacheAside<String, String> cache =
        open(
            builder()
                .environment(environment)
                .loadRetry(RetryPolicy.of(2).delays(DAY, DAY).deadline(DAY))
                .loadTimeout(DAY));
    CountDownLatch failed = new CountDownLatch(1);
    Call<String> call =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      failed.countDown();
                      throw new IllegalStateException("no source");
                    }));
    failed.await();
    if (isSync()) {
      eventually(() -> assertThat(call.isWaiting()).isTrue());
      call.interrupt();
      assertThat(call.failure()).isInstanceOf(WaitInterruptedException.class);
    } else {
      cache.close();
    }

    eventually(() -> assertThat(environment.pending).isEmpty());
  }

  @Test
  void noTimerOfATryIsLeftWhenItsFutureIsCancelled() throws Exception {
    CountedTimers environment = new CountedTimers();
    AsyncCacheAside<String, String> cache =
        open(builder()
                .environment(environment)
                .loadRetry(RetryPolicy.of(2).delays(DAY, DAY).deadline(DAY))
                .loadTimeout(DAY))
            .async();
    CountDownLatch failed = new CountDownLatch(1);
    CompletableFuture<String> future =
        cache.get(
            "k",
            key -> {
              failed.countDown();
              throw new IllegalStateException("no source");
            });
    failed.await();

    future.cancel(true);

    eventually(() -> assertThat(environment.pending).isEmpty());
  }

  @Test
  void noTimerOfAnOpenBreakerOutlivesItsCache() {
    CountedTimers environment = new CountedTimers();
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).environment(environment).circuitBreaker(1, DAY));
    store.every(Operation.READ).fail(Reason.TIMED_OUT);
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    eventually(() -> assertThat(environment.pending).isNotEmpty());

    cache.close();

    eventually(() -> assertThat(environment.pending).isEmpty());
  }

  @Test
  void aStepThatAnExecutorHasRunIsNotRunAgain() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    Executor runsAndRefuses =
        task -> {
          task.run();
          refused.incrementAndGet();
          throw new RejectedExecutionException("too late");
        };
    FaultyStore store = faultyStore();
    AsyncCacheAside<String, String> cache =
        open(builder().store(store).executor(runsAndRefuses)).async();
    AtomicInteger loads = new AtomicInteger();
    Hold read = store.next(Operation.READ).holdReply();
    CompletableFuture<String> future =
        cache.get(
            "k",
            key -> {
              loads.incrementAndGet();
              return CompletableFuture.completedFuture("v");
            });
    read.awaitArrived();

    read.release();

    assertThat(future.join()).isEqualTo("v");
    assertThat(refused).hasPositiveValue();
    assertThat(loads).hasValue(1);
  }

  /** Which then waits in a queue of its own, not in that of the executor. */
  @Test
  void whatFollowsACallerThatHasGoneRunsOneStepAtATime() throws Exception {
    Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = builder().store(store).executor(held::add).build();
    List<String> keys = List.of("a", "b", "c");
    Hold granted = store.every(Operation.PUT_IF_ABSENT).holdReply();
    Call<?> call = callers.start(() -> cache.getAll(keys, BulkTest::itself));
    granted.awaitArrived(keys.size());
    call.interrupt();
    assertThat(call.failure()).isInstanceOf(WaitInterruptedException.class);
    runAll(held);

    granted.release();

    assertThat(held).as("steps that may run at the same time").hasSize(1);
    runAll(held);
    cache.close();
  }

  private static CompletableFuture<String> loaded(String key) {
    return CompletableFuture.completedFuture("v");
  }

  private static void runAll(Queue<Runnable> steps) {
    for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
      step.run();
    }
  }
}
