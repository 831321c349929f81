package io.cacheaside.verification.behaviour;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.Loader;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What loaders, codecs and executors of the application may do, and what comes of it. */
@OnEveryStore
@Tag("edge")
class LoaderTest extends CacheTest {
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  static Stream<Throwable> whatLoadersThrow() {
    return Stream.of(
        new IOException("checked"),
        new TimeoutException("checked, too"),
        new IllegalStateException("unchecked"),
        new CancellationException("what futures throw"),
        new StoreException(Reason.REFUSED, "a store that is the source", null),
        new AssertionError("an error"),
        new StackOverflowError(),
        new NoClassDefFoundError("a class"));
  }

  static Loader<String, String> throwing(Throwable thrown) {
    return key -> {
      throw LoaderTest.<RuntimeException>asIs(thrown);
    };
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> X asIs(Throwable thrown) throws X {
    throw (X) thrown;
  }

  @ParameterizedTest
  @MethodSource("whatLoadersThrow")
  void whatALoaderThrowsReachesItsCallerAndNothingIsCached(Throwable thrown) {
    CacheAside<String, String> cache = open();

    assertOwnFailure(catchThrowable(() -> cache.get("k", throwing(thrown))), thrown);

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("whatLoadersThrow")
  void whatABulkLoaderThrowsIsTheCause(Throwable thrown) {
    CacheAside<String, String> cache = open();

    assertThatThrownBy(
            () ->
                cache.getAll(
                    List.of("a", "b"),
                    keys -> {
                      throw LoaderTest.<RuntimeException>asIs(thrown);
                    }))
        .isInstanceOf(BulkLoadException.class)
        .cause()
        .isSameAs(thrown);

    assertThat(cache.get("a", key -> "v")).isEqualTo("v");
  }

  @Test
  void aLoaderThatAsksForItsOwnKeyIsToldSo() {
    CacheAside<String, String> cache = open();
    CacheAside<String, String> sync = cache.async().sync();

    assertThatThrownBy(() -> sync.get("k", key -> sync.get(key, CacheTest::notLoaded)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(name, "'k'", "read the source instead");

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  /** Once it has returned its stage, an asynchronous loader is on no thread by which to know it. */
  @Test
  void anAsynchronousLoaderThatAsksForItsOwnKeyIsToldSoOrTimesOut() {
    CacheAside<String, String> cache = open(builder().loadTimeout(Duration.ofSeconds(1)));
    AsyncCacheAside<String, String> async = cache.async();

    assertThatThrownBy(
            () -> async.get("k", k -> async.get(k, CacheTest::notLoaded)).get(20, SECONDS))
        .cause()
        .isInstanceOfAny(IllegalStateException.class, LoadTimeoutException.class);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void onALoaderExecutorALoaderThatAsksForItsOwnKeyIsToldSoToo() {
    CacheAside<String, String> cache =
        open(builder().loaderExecutor(task -> callers.start(() -> run(task))));
    CacheAside<String, String> sync = cache.async().sync();

    assertThatThrownBy(() -> sync.get("k", key -> sync.get(key, CacheTest::notLoaded)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("read the source instead");
  }

  private static boolean run(Runnable task) {
    task.run();
    return true;
  }

  @Test
  void askingForTheSameKeyOnAnotherThreadIsBoundedByTheLoadTimeout() throws Exception {
    FakeTime time = new FakeTime();
    Duration loadTimeout = Duration.ofMinutes(1);
    CacheAside<String, String> cache = open(builder().environment(time).loadTimeout(loadTimeout));
    CompletableFuture<Call<String>> inner = new CompletableFuture<>();
    Call<String> outer =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      inner.complete(callers.start(() -> cache.get(key, k -> "inner")));
                      return inner.join().result();
                    }));
    awaitWaiting(cache, 2, List.of(outer, inner.get(30, TimeUnit.SECONDS)));

    time.advance(loadTimeout);

    if (isSync()) {
      assertThat(outer.result()).as("its own thread loads to the end").isEqualTo("inner");
    } else {
      assertThat(outer.failure()).isInstanceOf(LoadTimeoutException.class);
    }
    eventually(() -> assertThat(cache.get("k", key -> "v")).isIn("inner", "v"));
  }

  @Test
  void aLoaderMayAskForOtherKeys() {
    CacheAside<String, String> cache = open();

    String value =
        cache.get(
            "a", a -> a + cache.get("b", b -> b + cache.get("c", c -> c) + cache.get("d", d -> d)));

    assertThat(value).isEqualTo("abcd");
    eventually(() -> assertCached(cache, "b", "bcd"));
    eventually(() -> assertCached(cache, "c", "c"));
    eventually(() -> assertCached(cache, "a", "abcd"));
  }

  @Test
  void aLoaderMayInvalidateItsOwnKey() {
    CacheAside<String, String> cache = open();

    String value =
        cache.get(
            "k",
            key -> {
              cache.invalidate(key);
              return "v";
            });

    assertThat(value).isEqualTo("v");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
  }

  @Test
  void aFailedLoadIsTriedAgainAsOftenAsThePolicySays() {
    CacheAside<String, String> cache = open(builder().loadRetry(retry(3)));
    IOException thrown = new IOException("no source");
    AtomicInteger tries = new AtomicInteger();

    Throwable failure =
        catchThrowable(
            () ->
                cache.get(
                    "k",
                    key -> {
                      tries.incrementAndGet();
                      throw thrown;
                    }));

    assertOwnFailure(failure, thrown);
    assertThat(tries).hasValue(3);
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
    assertThat(cache.stats().misses()).isEqualTo(1);
  }

  @Test
  void aLoadThatSucceedsInTheEndIsCached() {
    CacheAside<String, String> cache = open(builder().loadRetry(retry(3)));
    source.with("k", "v");
    source.failNextReads(2, new IllegalStateException("no source"));

    assertThat(cache.get("k", source::get)).isEqualTo("v");

    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(source.reads()).isEqualTo(3);
    assertThat(cache.stats().loads()).isEqualTo(1);
    assertThat(cache.stats().loadFailures()).isZero();
  }

  @Test
  void aTryThatTheExecutorOfLoadersDoesNotTakeEndsTheLoad() throws Exception {
    AtomicBoolean full = new AtomicBoolean();
    Executor loaders =
        task -> {
          if (full.getAndSet(true)) {
            throw new RejectedExecutionException("full");
          }
          Callers.daemon(task).start();
        };
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders).loadRetry(retry(3)));
    IllegalStateException failure = new IllegalStateException("no source");

    Call<String> load = callers.start(() -> cache.get("k", throwing(failure)));

    if (isSync()) {
      assertThat(load.failure()).isInstanceOf(RejectedExecutionException.class).hasMessage("full");
    } else {
      assertThat(load.failure()).isSameAs(failure);
    }
  }

  @Test
  void aTryIsMadeByTheCallerWhereTheExecutorOfLoadersLeavesItToHim() throws Exception {
    CacheAside<String, String> cache =
        open(builder().loaderExecutor(Runnable::run).loadRetry(retry(3)));
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    String value =
        cache.get(
            "k",
            key -> {
              threads.add(Thread.currentThread());
              if (threads.size() < 3) {
                throw new IllegalStateException("not yet");
              }
              return "v";
            });

    assertThat(value).isEqualTo("v");
    if (isSync()) {
      assertThat(threads).hasSize(3).containsOnly(Thread.currentThread());
    }
  }

  @Test
  void errorsAreNotTriedAgain() {
    CacheAside<String, String> cache = open(builder().loadRetry(retry(3)));
    Error thrown = new AssertionError("an error");
    AtomicInteger tries = new AtomicInteger();

    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      tries.incrementAndGet();
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertThat(tries).hasValue(1);
  }

  @Test
  void whoWaitsSharesTheLoadThroughItsTries() throws Exception {
    CacheAside<String, String> cache = open(builder().loadRetry(retry(2)));
    source.with("k", "v").pause();
    source.failNextReads(1, new IllegalStateException("no source"));
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    List<Call<String>> waiters = callers.start(4, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 5, waiters);

    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(Callers.results(waiters)).containsOnly("v");
    assertThat(source.reads()).isEqualTo(2);
  }

  private static RetryPolicy retry(int maxAttempts) {
    return RetryPolicy.of(maxAttempts).delays(MILLISECOND, MILLISECOND);
  }

  /** A codec that throws when it is told to. */
  private static final class Throwing implements Codec<String> {
    private final Throwable thrown;
    private final AtomicBoolean encoding = new AtomicBoolean();
    private final AtomicBoolean decoding = new AtomicBoolean();

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    @Override
    public byte[] encode(String value) {
      if (encoding.get()) {
        throw LoaderTest.<RuntimeException>asIs(thrown);
      }
      return Codec.string().encode(value);
    }

    @Override
    public String decode(ByteBuffer payload) {
      if (decoding.get()) {
        throw LoaderTest.<RuntimeException>asIs(thrown);
      }
      return Codec.string().decode(payload);
    }
  }

  @ParameterizedTest
  @MethodSource("whatLoadersThrow")
  void aValueThatCannotBeEncodedIsReturnedSharedAndNotCached(Throwable thrown) throws Exception {
    Throwing codec = new Throwing(thrown);
    CacheAside<String, String> cache = open(builder(codec));
    codec.encoding.set(true);
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 2, List.of(load, waiter));

    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(waiter.result()).isEqualTo("v");
    assertThat(cache.stats().skippedFills()).isEqualTo(1);
    assertNotCached(cache, "k");
    assertThat(cache.getAll(List.of("a", "b"), BulkTest::itself)).hasSize(2);
  }

  @ParameterizedTest
  @MethodSource("whatLoadersThrow")
  void aValueThatCannotBeDecodedIsLoadedAgainAndStays(Throwable thrown) {
    Throwing codec = new Throwing(thrown);
    CacheAside<String, String> cache = open(builder(codec));
    cached(cache, "k", "v");
    codec.decoding.set(true);

    assertNotCached(cache, "k");
    assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));
    assertThat(cache.stats().decodeFailures()).isEqualTo(2);
    codec.decoding.set(false);

    assertCached(cache, "k", "v");
  }

  @Test
  void aLoaderExecutorThatRefusesFailsTheCallAtOnceAndLeavesNoLease() {
    AtomicBoolean full = new AtomicBoolean(true);
    CacheAside<String, String> cache =
        open(
            builder()
                .loaderExecutor(
                    task -> {
                      if (full.get()) {
                        throw new RejectedExecutionException("full");
                      }
                      task.run();
                    }));
    CacheAside<String, String> sync = cache.async().sync();

    assertThatThrownBy(() -> sync.get("k", CacheTest::notLoaded))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> sync.getAll(List.of("a", "b"), keys -> BulkTest.itself(keys)))
        .hasCauseInstanceOf(RejectedExecutionException.class);
    full.set(false);

    assertThat(callers.start(() -> cache.get("k", key -> "v")))
        .satisfies(call -> assertThat(call.result()).isEqualTo("v"));
    assertThat(callers.start(() -> cache.get("a", key -> "v")))
        .satisfies(call -> assertThat(call.result()).isEqualTo("v"));
  }
}
