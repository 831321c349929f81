package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G4: what happens at the load timeout of a loader that does not return. Time stands still here, so
 * that no other loader is as late.
 */
@OnEveryStore
@Tag("races")
class LoadTimeoutTest extends CacheTest {
  private static final Duration LOAD_TIMEOUT = Duration.ofMinutes(1);

  /** A lease that is not given up would keep others waiting, as none here expires. */
  private static final Duration LEASE_TIME = Duration.ofHours(1);

  private static final Duration LITTLE = Duration.ofMillis(10);

  private final FakeTime time = new FakeTime();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch returning = new CountDownLatch(1);

  private CacheAsideBuilder<String, String> timed() {
    return builder().environment(time).leaseTime(LEASE_TIME).loadTimeout(LOAD_TIMEOUT);
  }

  /** Reads while time passes: a caller who waits for another one's load looks again and again. */
  private String fresh(CacheAside<String, String> cache, String key) throws Exception {
    Call<String> read = callers.start(() -> cache.get(key, k -> "fresh"));
    eventually(
        () -> {
          time.advance(LITTLE);
          assertThat(read.isDone()).isTrue();
        });
    return read.result();
  }

  private String lateLoader(String key) throws InterruptedException {
    begun.countDown();
    returning.await();
    return "late";
  }

  private Call<String> hangingLoad(CacheAside<String, String> cache) throws Exception {
    Call<String> load = callers.start(() -> cache.get("k", this::lateLoader));
    begun.await();
    return load;
  }

  /** Lets time pass when the first load is about to end. */
  private CacheAside<String, String> endingLate(Duration delay) {
    AtomicBoolean isFirst = new AtomicBoolean(true);
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onLoad(String key, Duration duration) {
            if (isFirst.getAndSet(false)) {
              time.advance(delay);
            }
          }
        };
    return open(timed().listener(listener));
  }

  @Test
  void aTimerThatFiresWhileItsLoadEndsIsTheLast() {
    CacheAside<String, String> cache = endingLate(LOAD_TIMEOUT.dividedBy(2));

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");

    eventually(() -> assertCached(cache, "k", "v"));
    eventually(
        () -> {
          time.advance(LITTLE);
          assertThat(time.pendingTimers()).isEmpty();
        });
  }

  @Test
  void aLoadThatEndsAtItsLoadTimeoutKeepsNobodyWaiting() throws Exception {
    CacheAside<String, String> cache = endingLate(LOAD_TIMEOUT);

    Call<String> load = callers.start(() -> cache.get("k", key -> "v"));

    eventually(() -> assertThat(load.isDone()).isTrue());
    assertThat(fresh(cache, "k")).isIn("v", "fresh");
    eventually(
        () -> {
          time.advance(LITTLE);
          assertThat(time.pendingTimers()).isEmpty();
        });
  }

  @Test
  void theLeaseIsGivenUpAndWhoWaitsGoesOn() throws Exception {
    CacheAside<String, String> cache = open(timed());
    Call<String> load = hangingLoad(cache);
    Call<String> waiting = callers.start(() -> cache.get("k", key -> "fresh"));
    awaitWaiting(cache, 2, List.of(waiting));

    time.advance(LOAD_TIMEOUT);

    assertThat(waiting.result()).isEqualTo("fresh");
    eventually(() -> assertCached(cache, "k", "fresh"));
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
    returning.countDown();
    if (isSync()) {
      assertThat(load.result()).as("its own thread has loaded it").isEqualTo("late");
    } else {
      assertThat(load.failure()).isInstanceOf(LoadTimeoutException.class);
    }
    assertCached(cache, "k", "fresh");
  }

  @Test
  void aLateResultIsNotCached() throws Exception {
    CacheAside<String, String> cache = open(timed());
    Call<String> load = hangingLoad(cache);
    time.advance(LOAD_TIMEOUT);
    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(1));

    returning.countDown();
    eventually(() -> assertThat(load.isDone()).isTrue());

    assertNotCached(cache, "k");
    assertThat(cache.stats().fills() + cache.stats().loads()).isZero();
    assertThat(fresh(cache, "k")).isEqualTo("fresh");
  }

  @Test
  void aLateFailureReachesItsCallerAndIsNotTriedAgain() throws Exception {
    RetryPolicy tries =
        RetryPolicy.of(2).delays(LITTLE, LITTLE).deadline(LOAD_TIMEOUT.multipliedBy(2));
    CacheAside<String, String> cache = open(timed().loadRetry(tries));
    IllegalStateException late = new IllegalStateException("late");
    AtomicInteger attempts = new AtomicInteger();
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      attempts.incrementAndGet();
                      lateLoader(key);
                      throw late;
                    }));
    begun.await();
    time.advance(LOAD_TIMEOUT);
    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(1));

    returning.countDown();

    Throwable failure = load.failure();
    if (isSync()) {
      assertThat(failure).as("its own thread has loaded it").isSameAs(late);
    } else {
      assertThat(failure).isInstanceOf(LoadTimeoutException.class);
    }
    assertThat(attempts).hasValue(1);
  }

  @Test
  void anotherProcessGoesOnToo() throws Exception {
    CacheAside<String, String> here = open(timed());
    CacheAside<String, String> there =
        open(builder().store(anotherStore()).leaseTime(LEASE_TIME).loadTimeout(LEASE_TIME));
    hangingLoad(here);

    time.advance(LOAD_TIMEOUT);

    assertThat(callers.start(() -> there.get("k", key -> "fresh")).result()).isEqualTo("fresh");

    eventually(() -> assertCached(here, "k", "fresh"));
  }

  @Test
  void withAnExecutorForLoadersTheCallerGoesOnToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache = open(timed().loaderExecutor(loaders));
    Call<String> load = hangingLoad(cache);

    time.advance(LOAD_TIMEOUT);

    assertThat(load.failure())
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageContainingAll(name, "'k'", "60000 ms");

    returning.countDown();
    assertThat(fresh(cache, "k")).isEqualTo("fresh");
    eventually(() -> assertCached(cache, "k", "fresh"));
  }

  @Test
  void withAnExecutorForLoadersABulkReadGoesOnToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache = open(timed().loaderExecutor(loaders));

    Call<?> load =
        callers.start(
            () ->
                cache.getAll(
                    List.of("a", "b"),
                    keys -> {
                      begun.countDown();
                      returning.await();
                      return BulkTest.itself(keys);
                    }));
    begun.await();

    time.advance(LOAD_TIMEOUT);

    assertThat(load.failure()).hasCauseInstanceOf(LoadTimeoutException.class);
    returning.countDown();
    assertThat(fresh(cache, "a")).isEqualTo("fresh");
  }

  private static boolean runIn(Runnable task) {
    task.run();
    return true;
  }

  @Test
  void anExecutorForLoadersRunsThemAndNothingElseChanges() {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders));
    Thread caller = Thread.currentThread();

    String value =
        cache.get(
            "k",
            key -> {
              assertThat(Thread.currentThread()).isNotSameAs(caller);
              return "v";
            });

    assertThat(value).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(cache.getAll(List.of("k", "j"), BulkTest::itself))
        .containsEntry("k", "v")
        .containsEntry("j", "j");
  }

  @Test
  void aLoadWhoseResultIsNotToBeCachedEndsToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache = open(timed().loaderExecutor(loaders));
    cache.getWithContext(
        "k",
        (key, context) -> {
          context.doNotCache();
          return "uncached";
        });

    Call<String> load = hangingLoad(cache);

    time.advance(LOAD_TIMEOUT);

    assertThat(load.failure()).isInstanceOf(LoadTimeoutException.class);
    returning.countDown();
  }
}
