package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invalidations whose barrier the store refuses, as a server does that is out of memory. */
@OnEveryStore
class RefusedBarrierTest extends CacheTest {
  private FaultyStore store;
  private CacheAside<String, String> cache;
  private CacheAside<String, String> elsewhere;

  @BeforeEach
  void openCaches() {
    store = faultyStore();
    cache = open(holding().store(store).invalidationRetry(RetryPolicy.none()));
    elsewhere = open(holding().store(anotherStore()));
  }

  private CacheAsideBuilder<String, String> holding() {
    return builder().holdOff(Duration.ofMinutes(1)).fenceTime(Duration.ofMinutes(1));
  }

  private void refuseBarriers() {
    store.every(Operation.SWAP).fail(Reason.REFUSED);
    store.every(Operation.PUT_IF_ABSENT).fail(Reason.REFUSED);
  }

  private void assertFails(ThrowingCallable invalidation) {
    assertThatExceptionOfType(InvalidationFailedException.class).isThrownBy(invalidation);
    assertThat(cache.stats().unconfirmedInvalidations()).isPositive();
  }

  private void assertHeldOff(String key) {
    store.heal();
    eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
    assertThat(elsewhere.get(key, k -> "lagging")).isEqualTo("lagging");
    assertThat(elsewhere.get(key, k -> "new")).isEqualTo("new");
  }

  @Test
  void theValueIsRemovedAndTheInvalidationIsRepeatedUntilTheHoldOffStands() {
    cached(cache, "k", "old");
    refuseBarriers();

    assertFails(() -> cache.invalidate("k"));

    assertNotCached(elsewhere, "k");
    assertHeldOff("k");
  }

  @Test
  void eachOfSeveralValuesIsRemoved() {
    cached(cache, "a", "old");
    cached(cache, "b", "old");
    refuseBarriers();

    assertFails(() -> cache.invalidateAll(List.of("a", "b")));

    assertNotCached(elsewhere, "a");
    assertNotCached(elsewhere, "b");
    assertHeldOff("a");
    assertHeldOff("b");
  }

  @Test
  void theValueIsRemovedAfterAWriteWithoutAFence() {
    cached(cache, "k", "old");
    refuseBarriers();

    assertFails(() -> cache.writeThenInvalidate("k", () -> "written"));

    assertNotCached(elsewhere, "k");
    assertHeldOff("k");
  }

  @Test
  void aFenceThatTheHoldOffCannotReplaceStays() {
    cached(cache, "k", "old");

    assertFails(
        () ->
            cache.writeThenInvalidate(
                "k",
                () -> {
                  refuseBarriers();
                  return "written";
                }));

    assertThat(elsewhere.get("k", k -> "lagging")).isEqualTo("lagging");
    assertThat(elsewhere.get("k", k -> "new")).isEqualTo("new");
    assertHeldOff("k");
  }
}
