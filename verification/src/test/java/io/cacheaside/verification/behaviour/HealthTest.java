package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheHealth.Status;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The state of a cache as a health check sees it. */
@OnEveryStore
class HealthTest extends CacheTest {

  @Test
  void aStoreThatAnswersMeansUp() {
    CacheHealth health = open().health();

    assertThat(health.status()).isEqualTo(Status.UP);
    assertThat(health.roundTrip()).isPositive();
    assertThat(health.failure()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatDoesNotMeansDegraded(Reason reason) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    store.every(Operation.PING).fail(reason);

    CacheHealth health = cache.health();

    assertThat(health.status()).isEqualTo(Status.DEGRADED);
    assertThat(health.roundTrip()).isNull();
    assertThat(health.failure())
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    store.heal();
    assertThat(cache.health().status()).isEqualTo(Status.UP);
  }

  @Test
  void aClosedCacheSaysSoWithoutAskingTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cache.close();

    assertThat(cache.health()).isEqualTo(new CacheHealth(Status.CLOSED, null, null, 0));
    assertThat(store.count(Operation.PING)).isZero();
  }
}
