package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Hold;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A store that times out all the time is left alone until it answers again. */
@InMemoryOnly
class CircuitBreakerTest extends CacheTest {
  private static final int TIMEOUTS = 3;
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final FakeTime time = new FakeTime();

  private CacheAsideBuilder<String, String> over(FaultyStore store) {
    return builder().store(store).environment(time).circuitBreaker(TIMEOUTS, Duration.ofSeconds(1));
  }

  private void timeOut(FaultyStore store, CacheAside<String, String> cache) {
    store.every().fail(Reason.TIMED_OUT);
    for (int i = 0; i < TIMEOUTS; i++) {
      assertThat(cache.get("k", key -> "source")).isEqualTo("source");
    }
    store.resetCounts();
  }

  @Test
  void afterSomeTimeoutsReadsDoNotAskTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    timeOut(store, cache);

    assertThat(cache.get("k", key -> "source")).isEqualTo("source");

    assertThat(store.count(Operation.READ)).isZero();
    assertThat(cache.stats().storeSkips()).isPositive();
  }

  @Test
  void otherFailuresDoNotCount() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    store.every().fail(Reason.REFUSED);
    for (int i = 0; i < 2 * TIMEOUTS; i++) {
      cache.get("k", key -> "source");
    }

    assertThat(store.count(Operation.READ)).isEqualTo(2 * TIMEOUTS);
    assertThat(cache.stats().storeSkips()).isZero();
  }

  @Test
  void anAnswerInBetweenBeginsTheCountAnew() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    for (int i = 0; i < 2; i++) {
      store.every().fail(Reason.TIMED_OUT);
      for (int j = 1; j < TIMEOUTS; j++) {
        assertThat(cache.get("k", key -> "source")).isEqualTo("source");
      }
      store.heal();
      cached(cache, "k", "v");
    }

    assertThat(cache.stats().storeSkips()).isZero();
  }

  @Test
  void itIsTheCacheThatTriesAgain() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    timeOut(store, cache);

    time.advance(Duration.ofSeconds(2));
    assertThat(store.count(Operation.PING)).isPositive();
    cache.get("k", key -> "source");
    assertThat(store.count(Operation.READ)).isZero();

    store.heal();
    time.advance(Duration.ofSeconds(20));
    cached(cache, "k", "v");
  }

  /** Of a cluster one node may stay away for long. */
  @Test
  void aStoreThatFailsAtOnceIsAskedAgain() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    timeOut(store, cache);
    store.heal();
    store.every(Operation.PING).fail(Reason.DISCONNECTED);

    time.advance(Duration.ofSeconds(1));

    cached(cache, "k", "v");
  }

  @Test
  void aLongPauseStaysAsLong() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(over(store).circuitBreaker(TIMEOUTS, Duration.ofMinutes(1)));
    time.setRandom(0.5);
    timeOut(store, cache);
    time.advance(Duration.ofSeconds(45));
    assertThat(store.count(Operation.PING)).isEqualTo(1);

    time.advance(Duration.ofSeconds(44));
    assertThat(store.count(Operation.PING)).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(store.count(Operation.PING)).isEqualTo(2);
  }

  @Test
  void invalidationsAreSentAllTheSame() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    timeOut(store, cache);
    store.heal();

    cache.invalidate("k");

    assertThat(store.count(Operation.REMOVE)).isEqualTo(1);
  }

  @Test
  void whatHappensWhenItAnswersAgainHappensOnNoThreadOfTheStore() throws Exception {
    FaultyStore store = faultyStore();
    Hold pong = store.next(Operation.PING).holdReply();
    CompletableFuture<Thread> told = new CompletableFuture<>();
    CacheListener<String> listener =
        new CacheListener<>() {
          @Override
          public void onInvalidationReplayed(String what) {
            told.complete(Thread.currentThread());
          }
        };
    CacheAside<String, String> cache =
        open(over(store).listener(listener).invalidationRetry(RetryPolicy.none()));
    timeOut(store, cache);
    time.advance(Duration.ofSeconds(1));
    pong.awaitArrived();
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("k"));
    store.heal();

    Thread storeThread = Callers.daemon(pong::release);
    storeThread.start();

    assertThat(told.get(10, TimeUnit.SECONDS)).isNotSameAs(storeThread);
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }
}
