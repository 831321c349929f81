package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheHealth;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Invalidations that failed: read around, and repeated until the store confirms them. */
@OnEveryStore
class ReplayTest extends CacheTest {

  private CacheAsideBuilder<String, String> over(FaultyStore store) {
    return builder().store(store).invalidationRetry(RetryPolicy.none());
  }

  private static void failToInvalidate(CacheAside<String, String> cache, String... keys) {
    for (String key : keys) {
      assertThatExceptionOfType(InvalidationFailedException.class)
          .isThrownBy(() -> cache.invalidate(key));
    }
  }

  @Test
  void whoSeesThatNothingWaitsSeesWhatWasRepeated() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));

    for (int round = 1; round <= 100; round++) {
      store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
      failToInvalidate(cache, "k");
      store.heal();
      while (cache.stats().unconfirmedInvalidations() > 0) {
        Thread.onSpinWait();
      }
      assertThat(cache.stats().replayedInvalidations()).isEqualTo(round);
    }
  }

  @Test
  void aKeyIsReadAroundUntilItsInvalidationWasRepeated() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()));
    cached(cache, "k", "old");
    cached(cache, "other", "value");
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);

    failToInvalidate(cache, "k");

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    assertNotCached(cache, "k");
    assertThat(cache.get("other", CacheTest::notLoaded)).isEqualTo("value");
    assertCached(elsewhere, "k", "old");
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.DEGRADED);
    assertThat(cache.health().unconfirmedInvalidations()).isEqualTo(1);

    store.heal();

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
    assertNotCached(elsewhere, "k");
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.UP);
    cached(cache, "k", "new");
  }

  @Test
  void aLaterInvalidationSettlesAnEarlierOne() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    cached(cache, "k", "old");
    store.next(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.invalidate("k");

    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    cached(cache, "k", "new");
  }

  /** Time stands still, so that no timer can be what repeats it. */
  @Test
  void oneThatSucceedsLetsTheOthersBeRepeatedAtOnce() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).environment(new FakeTime()));
    store.next(FaultyStore.Operation.REMOVE).fail(Reason.DISCONNECTED);
    failToInvalidate(cache, "{same node}");
    eventually(() -> assertThat(cache.stats().storeFailures()).isEqualTo(1));

    cache.invalidate("{same node} too");

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
  }

  @Test
  void aStoreThatRefusesItIsNotAskedAgainWithEachRead() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).environment(new FakeTime()));
    cached(cache, "other", "value");
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");
    store.resetCounts();

    for (int i = 0; i < 10; i++) {
      assertThat(cache.get("other", CacheTest::notLoaded)).isEqualTo("value");
      awaitWaiting(cache, cache.stats().misses(), List.of());
    }

    assertThat(store.count(FaultyStore.Operation.REMOVE)).isZero();
  }

  @Test
  void itIsRepeatedThoughNobodyAsksTheStore() {
    FakeTime time = new FakeTime();
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).environment(time));
    store.next(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    time.advance(Duration.ofMillis(100));

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
  }

  @Test
  void aPutOfAnotherKeyHasNothingToSettle() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.put("other", "v");

    assertThat(store.count(FaultyStore.Operation.AWAIT_COPIES)).isZero();
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
  }

  @Test
  void aPutSettlesAnEarlierInvalidation() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    cached(cache, "k", "old");
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.put("k", "new");

    assertCached(cache, "k", "new");
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }

  @Test
  void aPutThatABarrierKeepsOutSettlesNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).holdOff(Duration.ofMinutes(10)));
    cached(cache, "k", "old");
    store.every(FaultyStore.Operation.AWAIT_COPIES).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.put("k", "put");

    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(cache.health().unconfirmedInvalidations()).isEqualTo(1);
    store.heal();
    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertNotCached(cache, "k");
  }

  @Test
  void aPutThatAFailoverMayLoseSettlesNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()));
    cached(cache, "k", "old");
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    store.every(FaultyStore.Operation.AWAIT_COPIES).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.put("k", "put");

    assertCached(elsewhere, "k", "put");
    assertThat(cache.stats().unconfirmedInvalidations()).isEqualTo(1);
    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    store.heal();
    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(1));
    assertNotCached(elsewhere, "k");
  }

  @Test
  void beyondTheBoundTheWholeCacheIsReadAroundUntilItIsCleared() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).maxUnconfirmedInvalidations(2));
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()));
    for (String key : List.of("a", "b", "c", "d")) {
      cached(cache, key, "old");
    }
    store.every(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    store.every(FaultyStore.Operation.REMOVE_MATCHING).fail(Reason.REFUSED);

    failToInvalidate(cache, "a", "b", "c");

    assertThat(cache.get("d", key -> "new")).isEqualTo("new");
    assertCached(elsewhere, "d", "old");
    store.heal();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertNotCached(elsewhere, "d");
    cached(cache, "d", "new");
  }

  @Test
  void afterAPatternFailedTheWholeCacheIsReadAround() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    cached(cache, "k", "old");
    store.every(FaultyStore.Operation.REMOVE_MATCHING).fail(Reason.REFUSED);

    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateMatching("x*"));

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    store.heal();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertCached(cache, "k", "old");
  }

  @Test
  void aLaterOneOfTheSamePatternIsRepeatedForItself() throws Exception {
    FakeTime time = new FakeTime();
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store).environment(time));
    failToInvalidateMatching(store, cache);
    FaultyStore.Hold first = store.next(FaultyStore.Operation.REMOVE_MATCHING).hold();
    time.advance(Duration.ofMillis(100));
    first.awaitArrived();

    failToInvalidateMatching(store, cache);
    first.release();

    eventually(() -> assertThat(cache.stats().replayedInvalidations()).isEqualTo(2));
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
  }

  private static void failToInvalidateMatching(
      FaultyStore store, CacheAside<String, String> cache) {
    store.next(FaultyStore.Operation.REMOVE_MATCHING).fail(Reason.REFUSED);
    assertThatExceptionOfType(InvalidationFailedException.class)
        .isThrownBy(() -> cache.invalidateMatching("x*"));
  }

  @Test
  void closingTriesOnceMore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(over(store));
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()));
    cached(cache, "k", "old");
    store.next(FaultyStore.Operation.REMOVE).fail(Reason.REFUSED);
    failToInvalidate(cache, "k");

    cache.close();

    assertNotCached(elsewhere, "k");
  }
}
