package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheHealth.Status;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import java.time.Duration;
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

  @ParameterizedTest
  @EnumSource(names = {"READ", "PUT_IF_ABSENT"})
  void aStoreThatAnswersAndRefusesMeansDegraded(Operation operation) {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    store.every(operation).fail(Reason.REFUSED);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");

    assertThat(cache.health().status()).isEqualTo(Status.DEGRADED);
    assertThat(cache.health().roundTrip()).isNotNull();
    assertThat(cache.health().failure())
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
    store.heal();
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    assertThat(cache.health().status()).isEqualTo(Status.UP);
    assertThat(cache.health().failure()).isNull();
  }

  @Test
  void aRefusalOfLongAgoSaysNothingOfNow() {
    FakeTime time = new FakeTime();
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(CacheAside.builder(name, Codec.string()).store(store).environment(time));
    store.every(Operation.PUT_IF_ABSENT).fail(Reason.REFUSED);
    assertThatThrownBy(() -> cache.put("k", "v")).isInstanceOf(StoreException.class);

    time.advance(Duration.ofMinutes(1));
    assertThat(cache.health().status()).isEqualTo(Status.DEGRADED);
    time.advance(Duration.ofMillis(1));
    assertThat(cache.health().status()).isEqualTo(Status.UP);
  }

  @Test
  void aClosedCacheSaysSoWithoutAskingTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));
    cache.close();

    assertThat(cache.health().status()).isEqualTo(Status.CLOSED);
    assertThat(cache.health().roundTrip()).isNull();
    assertThat(cache.health().failure()).isNull();
    assertThat(cache.health()).isEqualTo(cache.health()).hasToString("CacheHealth[CLOSED]");
    assertThat(store.count(Operation.PING)).isZero();
  }
}
