package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real server that is frozen is left alone until it answers again. */
@InMemoryOnly
@Tag("faults")
@Tag("full")
class CircuitBreakerFaultsTest extends CacheTest {
  private static final int TIMEOUTS = 3;
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  @Test
  void aServerThatIsFrozenIsLeftAloneAndUsedAgainWhenItAnswers() {
    try (RedisServer server = RedisServer.start();
        RedisStore connected =
            RedisStore.builder().uri(server.uri()).commandTimeout(TIMEOUT).connect()) {
      FaultyStore store = new FaultyStore(connected);
      CacheAside<String, String> cache =
          open(builder().store(store).circuitBreaker(TIMEOUTS, Duration.ofMillis(200)));
      cached(cache, "k", "cached");
      source.with("k", "source");
      server.freeze();
      for (int i = 0; i < TIMEOUTS; i++) {
        assertThat(cache.get("k", source::get)).isEqualTo("source");
      }
      eventually(() -> assertThat(store.count(Operation.PING)).isPositive());
      store.resetCounts();

      for (int i = 0; i < 100; i++) {
        assertThat(cache.get("k", source::get)).isEqualTo("source");
        assertThat(cache.getAll(List.of("k"), source::getAll)).containsEntry("k", "source");
      }

      assertThat(store.count(Operation.READ)).isZero();
      assertThat(cache.stats().storeSkips()).isEqualTo(200);
      server.thaw();
      eventually(() -> assertThat(cache.get("k", source::get)).isEqualTo("cached"));
      cached(cache, "other", "v");
      cache.close();
    }
  }

  @Test
  void whatCouldNotBeInvalidatedOnAFrozenServerIsWhenItAnswers() {
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder().uri(server.uri()).commandTimeout(TIMEOUT).connect();
        RedisStore another = RedisStore.connect(server.uri())) {
      CacheAside<String, String> cache =
          open(
              builder()
                  .store(store)
                  .circuitBreaker(TIMEOUTS, Duration.ofMillis(200))
                  .invalidationRetry(RetryPolicy.none()));
      CacheAside<String, String> elsewhere = open(builder().store(another));
      cached(cache, "k", "old");
      server.freeze();
      source.with("k", "new");

      for (int i = 0; i < TIMEOUTS; i++) {
        assertThatExceptionOfType(InvalidationFailedException.class)
            .isThrownBy(() -> cache.invalidate("k"));
        assertThat(cache.get("k", source::get)).isEqualTo("new");
      }

      server.thaw();
      eventually(() -> assertThat(cache.stats().unconfirmedInvalidations()).isZero());
      assertThat(elsewhere.get("k", source::get)).isEqualTo("new");
      eventually(() -> assertCached(cache, "k", "new"));
      cache.close();
      elsewhere.close();
    }
  }
}
