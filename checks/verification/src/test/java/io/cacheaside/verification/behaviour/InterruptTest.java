package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.LoadException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that are interrupted while they wait for a synchronous cache. */
@OnEveryStore
@Only(Face.SYNC)
@Tag("edge")
class InterruptTest extends CacheTest {
  private final AtomicBoolean flagWasSet = new AtomicBoolean();

  /** Notes whether the thread is left with its interrupt flag set. */
  private <T> Callable<T> noted(Callable<T> call) {
    return () -> {
      try {
        return call.call();
      } finally {
        flagWasSet.set(Thread.currentThread().isInterrupted());
      }
    };
  }

  private void assertInterrupted(Call<?> call) throws Exception {
    assertThat(call.failure())
        .isInstanceOf(WaitInterruptedException.class)
        .hasMessageContainingAll(name, "interrupted");
    assertThat(flagWasSet).isTrue();
  }

  @Test
  void whoWaitsForTheLoadOfAnotherStopsWaitingAndTheLoadGoesOn() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(noted(() -> cache.get("k", CacheTest::notLoaded)));
    awaitWaiting(cache, 2, List.of(load, waiter));

    waiter.interrupt();

    assertInterrupted(waiter);
    source.resume();
    assertThat(load.result()).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
  }

  @Test
  void whoWaitsForAnotherProcessStopsWaiting() throws Exception {
    CacheAside<String, String> here = open();
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(noted(() -> here.get("k", CacheTest::notLoaded)));
    eventually(() -> assertThat(here.stats().misses()).isEqualTo(1));

    waiter.interrupt();

    assertInterrupted(waiter);
    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void whoWaitsForTheStoreStopsWaitingAndDoesNotLoad() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold read = store.next(Operation.READ).hold();
    Call<String> reader = callers.start(noted(() -> cache.get("k", CacheTest::notLoaded)));
    read.awaitArrived();

    reader.interrupt();

    assertInterrupted(reader);
    read.release();
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aLeaseThatIsGrantedToWhoHasLeftIsGivenBack() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold granted = store.next(Operation.PUT_IF_ABSENT).holdReply();
    Call<String> reader = callers.start(noted(() -> cache.get("k", CacheTest::notLoaded)));
    granted.awaitArrived();
    reader.interrupt();
    assertInterrupted(reader);

    granted.release();

    eventually(() -> assertThat(store().read(stored("k")).toCompletableFuture().get()).isNull());
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aBulkReaderStopsWaitingToo() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold lease = store.every(Operation.PUT_IF_ABSENT).holdReply();
    Call<?> reader =
        callers.start(
            noted(
                () ->
                    cache.getAll(
                        List.of("a", "b"),
                        keys -> {
                          throw new AssertionError(NOT_LOADED);
                        })));
    lease.awaitArrived(2);

    reader.interrupt();

    assertInterrupted(reader);
    store.heal();
    lease.release();
    eventually(() -> assertThat(store().read(stored("b")).toCompletableFuture().get()).isNull());
    assertThat(cache.get("a", key -> "v")).isEqualTo("v");
  }

  @Test
  void whoInvalidatesIsToldThatItIsNotConfirmed() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold removal = store.next(Operation.REMOVE).hold();
    Call<?> writer =
        callers.start(
            noted(
                () -> {
                  cache.invalidate("k");
                  return true;
                }));
    removal.awaitArrived();

    writer.interrupt();

    assertInterrupted(writer);
    removal.release();
    assertNotCached(cache, "k");
  }

  @Test
  void whatMayNotHaveBeenUpdatedIsReadAroundAndRemoved() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "v");
    Hold read = store.next(Operation.READ).hold();
    Call<?> writer = callers.start(noted(() -> cache.update("k", old -> "w")));
    read.awaitArrived();

    writer.interrupt();

    assertInterrupted(writer);
    assertThat(cache.get("k", key -> "w")).isEqualTo("w");
    read.release();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertThat(cache.get("k", key -> "w")).isEqualTo("w");
  }

  @Test
  void nothingIsWrittenIfTheFenceWasNotAwaited() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).fenceTime(Duration.ofMinutes(1)));
    AtomicBoolean written = new AtomicBoolean();
    Hold fence = store.next(Operation.PUT_IF_ABSENT).hold();
    Call<Boolean> writer =
        callers.start(noted(() -> cache.writeThenInvalidate("k", () -> written.getAndSet(true))));
    fence.awaitArrived();

    writer.interrupt();

    assertInterrupted(writer);
    fence.release();
    assertThat(written).isFalse();
  }

  @Test
  void theResultOfACommittedWriteIsNotLost() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold removal = store.next(Operation.REMOVE).hold();
    Call<String> writer =
        callers.start(noted(() -> cache.writeThenInvalidate("k", () -> "17 rows")));
    removal.awaitArrived();

    writer.interrupt();

    assertThat(writer.failure())
        .isInstanceOfSatisfying(
            InvalidationFailedException.class,
            e -> {
              assertThat(e.isWriteCommitted()).isTrue();
              assertThat(e.writeResult()).contains("17 rows");
              assertThat(e).hasCauseInstanceOf(WaitInterruptedException.class);
            });
    assertThat(flagWasSet).isTrue();
    removal.release();
  }

  @Test
  void anInterruptedLoaderFailsAndTheFlagStaysSet() throws Exception {
    CacheAside<String, String> cache = open();
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            noted(
                () ->
                    cache.get(
                        "k",
                        key -> {
                          begun.countDown();
                          new CountDownLatch(1).await();
                          return "never";
                        })));
    begun.await();

    load.interrupt();

    assertThat(load.failure())
        .isInstanceOf(LoadException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(flagWasSet).isTrue();
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void whoWaitsForALoadWhoseCallerIsInterruptedLoadsItself() throws Exception {
    CacheAside<String, String> cache = open();
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      begun.countDown();
                      new CountDownLatch(1).await();
                      return "never";
                    }));
    begun.await();
    Call<String> waiter = callers.start(() -> cache.get("k", key -> "v"));
    awaitWaiting(cache, 2, List.of(load, waiter));

    load.interrupt();

    assertThat(waiter.result()).isEqualTo("v");
  }

  @Test
  void whoWaitsForALoadWhoseCallerIsInterruptedBetweenTwoTriesLoadsItself() throws Exception {
    Duration delay = Duration.ofSeconds(4);
    Semaphore failed = new Semaphore(0);
    CacheAside<String, String> cache =
        open(
            builder()
                .environment(new FixedChance(0.99))
                .loadRetry(RetryPolicy.of(2).delays(delay, delay)));
    Call<String> load =
        callers.start(
            noted(
                () ->
                    cache.get(
                        "k",
                        key -> {
                          failed.release();
                          throw new IllegalStateException("no source");
                        })));
    failed.acquire();
    Call<String> waiter = callers.start(() -> cache.get("k", key -> "v"));
    awaitWaiting(cache, 2, List.of(load, waiter));

    load.interrupt();

    assertInterrupted(load);
    assertThat(waiter.result()).isEqualTo("v");
  }

  @Test
  void theFlagDoesNotMatterWhereNobodyWaits() throws Exception {
    CacheAside<String, String> cache = open(CacheAside.builder(name, Codec.string()));
    cache.put("k", "v");

    Call<String> reader =
        callers.start(
            noted(
                () -> {
                  Thread.currentThread().interrupt();
                  return cache.get("k", CacheTest::notLoaded);
                }));

    assertThat(reader.result()).isEqualTo("v");
    assertThat(flagWasSet).isTrue();
  }

  @Test
  void aPutWhoseCallerHasLeftDoesNotGoOn() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    Hold reply = store.next(Operation.PUT_IF_ABSENT).holdReply();
    Call<Boolean> put =
        callers.start(
            noted(
                () -> {
                  cache.put("k", "old");
                  return true;
                }));
    reply.awaitArrived();
    put.interrupt();
    assertInterrupted(put);
    cache.invalidate("k");

    reply.release();

    eventually(() -> assertThat(store.count(Operation.REMOVE_STAMPED, stored("k"))).isEqualTo(1));
    assertThat(store.count(Operation.SWAP)).isZero();
    assertNotCached(cache, "k");
  }
}
