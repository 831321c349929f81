package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A store that times out all the time is left alone until it answers again. */
@InMemoryOnly
class CircuitBreakerTest extends CacheTest {
  private static final int TIMEOUTS = 3;

  private final SteppedTime time = new SteppedTime();

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

  @Test
  void invalidationsAreSentAllTheSame() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    timeOut(store, cache);
    store.heal();

    cache.invalidate("k");

    assertThat(store.count(Operation.REMOVE)).isEqualTo(1);
  }
}
