package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store of several nodes, one of which does not answer. */
@InMemoryOnly
class SickNodeTest extends CacheTest {
  private static final int TIMEOUTS = 3;
  private static final String SICK = "sick node";
  private static final String HEALTHY = "healthy node";

  private final FakeTime time = new FakeTime();
  private FaultyStore store;

  @BeforeEach
  void spreadKeys() {
    store = new FaultyStore(store(), key -> key.endsWith("sick") ? SICK : HEALTHY);
  }

  private CacheAsideBuilder<String, String> spread() {
    return builder().store(store).environment(time).circuitBreaker(TIMEOUTS, Duration.ofSeconds(1));
  }

  private void timeOut(CacheAside<String, String> cache) {
    store.every().onNode(SICK).fail(Reason.TIMED_OUT);
    for (int i = 0; i < TIMEOUTS; i++) {
      assertThat(cache.get("sick", key -> "source")).isEqualTo("source");
    }
    store.resetCounts();
  }

  private static void assertHit(CacheAside<String, String> cache) {
    assertThat(cache.get("healthy", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void itsKeysAloneAreReadWithoutTheStore() {
    CacheAside<String, String> cache = open(spread());
    cached(cache, "healthy", "v");
    timeOut(cache);

    assertThat(cache.get("sick", key -> "source")).isEqualTo("source");
    assertHit(cache);

    assertThat(store.count(Operation.READ, stored("sick"))).isZero();
    assertThat(store.count(Operation.READ, stored("healthy"))).isEqualTo(1);
    assertThat(cache.stats().storeSkips()).isEqualTo(1);
  }

  @Test
  void answersOfOtherNodesDoNotBeginItsCountAnew() {
    CacheAside<String, String> cache = open(spread());
    cached(cache, "healthy", "v");
    store.every().onNode(SICK).fail(Reason.TIMED_OUT);
    for (int i = 0; i < TIMEOUTS; i++) {
      cache.get("sick", key -> "source");
      assertHit(cache);
    }
    store.resetCounts();

    cache.get("sick", key -> "source");

    assertThat(store.count(Operation.READ, stored("sick"))).isZero();
  }

  @Test
  void anAnswerOfItsOwnBeginsItsCountAnew() {
    CacheAside<String, String> cache = open(spread());
    for (int i = 0; i < 2; i++) {
      store.every().onNode(SICK).fail(Reason.TIMED_OUT);
      for (int j = 1; j < TIMEOUTS; j++) {
        cache.get("sick", key -> "source");
      }
      store.heal();
      cached(cache, "sick", "v");
    }

    assertThat(cache.stats().storeSkips()).isZero();
  }

  @Test
  void itIsPingedAloneUntilItAnswers() {
    CacheAside<String, String> cache = open(spread());
    timeOut(cache);

    time.advance(Duration.ofSeconds(1));
    assertThat(store.count(Operation.PING)).isEqualTo(1);
    cache.get("sick", key -> "source");
    assertThat(store.count(Operation.READ, stored("sick"))).isZero();

    store.heal();
    time.advance(Duration.ofSeconds(20));
    eventually(() -> cached(cache, "sick", "v"));
  }

  @Test
  void severalKeysAreReadAsFarAsTheirNodesAnswer() {
    CacheAside<String, String> cache = open(spread());
    cached(cache, "healthy", "v");
    timeOut(cache);
    source.with("sick", "source");

    assertThat(cache.getAll(List.of("healthy", "sick"), source::getAll))
        .containsEntry("healthy", "v")
        .containsEntry("sick", "source");

    assertThat(store.count(Operation.READ, stored("sick"))).isZero();
    assertThat(cache.stats().storeSkips()).isEqualTo(1);
  }

  @Test
  void aLostNodeMakesNothingColdBeforeItAnswers() {
    CacheAside<String, String> cache =
        open(spread().maxConcurrentLoads(10).warmUp(Duration.ofMinutes(1)).maxQueuedLoads(0));
    time.advance(Duration.ofMinutes(2));
    store.every().onNode(SICK).fail(Reason.DISCONNECTED);
    cache.get("sick", key -> "source");
    cached(cache, "healthy", "v");

    source.with("healthy 1", "1").with("healthy 2", "2").pause();
    List<Callers.Call<String>> loads =
        List.of(
            callers.start(() -> cache.get("healthy 1", source::get)),
            callers.start(() -> cache.get("healthy 2", source::get)));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();
    assertThat(loads).allSatisfy(load -> assertThat(load.result()).isNotNull());
  }

  @Test
  void unconfirmedInvalidationsOfOtherNodesAreRepeated() {
    CacheAside<String, String> cache = open(spread().invalidationRetry(RetryPolicy.none()));
    cached(cache, "healthy", "v");
    store.every().onNode(SICK).fail(Reason.TIMED_OUT);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateAll(List.of("sick", "healthy")));

    time.advance(Duration.ofSeconds(1));
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1));
    cached(cache, "healthy", "new");
    store.heal();
    time.advance(Duration.ofSeconds(20));
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
  }

  @Test
  void anUnconfirmedInvalidationKeepsNoOtherNearValueFromBeingUsed() {
    CacheAside<String, String> cache =
        open(spread().nearCache(NearCache.ofEntries(10)).invalidationRetry(RetryPolicy.none()));
    cached(cache, "healthy", "v");
    cached(cache, "sick", "old");
    assertHit(cache);
    store.every().onNode(SICK).fail(Reason.TIMED_OUT);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidate("sick"));
    long nearHits = cache.stats().nearHits();

    assertHit(cache);

    assertThat(cache.stats().nearHits()).isEqualTo(nearHits + 1);
    assertThat(cache.get("sick", key -> "new")).isEqualTo("new");
  }
}
