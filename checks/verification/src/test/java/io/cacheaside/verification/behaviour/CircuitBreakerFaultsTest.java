package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real server that is frozen is left alone until it answers again. */
@InMemoryOnly
@Tag("faults")
@Tag("full")
class CircuitBreakerFaultsTest extends CacheTest {
  private static final int TIMEOUTS = 3;
  private static final int CHUNK = 500;
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  /** Within that, 500 keys are read on a machine that is busy, too. */
  private static final Duration TIMEOUT_OF_BATCHES = Duration.ofSeconds(1);

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

  /** Makes the network slow with some batch of commands. */
  private static final class SlowFrom extends ForwardingStore {
    private final TcpProxy network;
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

    SlowFrom(Store store, TcpProxy network) {
      super(store);
      this.network = network;
    }

    @Override
    public void batch(Runnable operations) {
      if (left.decrementAndGet() == 0) {
        network.delay(TIMEOUT_OF_BATCHES);
      }
      super.batch(operations);
    }
  }

  /** Does something with a cache whose network becomes too slow with a batch of commands. */
  private void onASlowNetwork(
      int cachedKeys, int slowBatch, Consumer<CacheAside<String, String>> use) {
    try (RedisServer server = RedisServer.start();
        TcpProxy network = TcpProxy.to(server);
        RedisStore direct =
            RedisStore.builder()
                .uri(server.uri())
                .commandTimeout(Duration.ofSeconds(10))
                .connect();
        RedisStore connected =
            RedisStore.builder()
                .host(network.host())
                .port(network.port())
                .commandTimeout(TIMEOUT_OF_BATCHES)
                .connect()) {
      CacheAside<String, String> filling = open(builder().store(direct));
      filling.putAll(BulkTest.itself(BulkTest.keys(cachedKeys)));
      SlowFrom store = new SlowFrom(connected, network);
      CacheAside<String, String> cache =
          open(builder().store(store).circuitBreaker(TIMEOUTS, Duration.ofMinutes(1)));
      store.left.set(slowBatch);

      use.accept(cache);

      network.pass();
      cached(cache, "other", "v");
      assertThat(cache.stats().storeSkips()).isZero();
      cache.close();
      filling.close();
    }
  }

  private void assertLoads(CacheAside<String, String> cache, int keys, int missing) {
    List<Integer> loaded = new CopyOnWriteArrayList<>();
    Map<String, String> values =
        cache.getAll(
            BulkTest.keys(keys),
            some -> {
              loaded.add(some.size());
              return BulkTest.itself(some);
            });

    assertThat(values).isEqualTo(BulkTest.itself(BulkTest.keys(keys)));
    assertThat(loaded).containsExactly(missing);
  }

  @Test
  void aGetAllWhoseAnswersAreAllLateLoadsAndIsNoReasonToLeaveTheServerAlone() {
    onASlowNetwork(2 * CHUNK, 1, cache -> assertLoads(cache, 2 * CHUNK, 2 * CHUNK));
  }

  @Test
  void aGetAllKeepsWhatWasReadBeforeTheServerBecameSlow() {
    onASlowNetwork(3 * CHUNK, 2, cache -> assertLoads(cache, 3 * CHUNK, 2 * CHUNK));
  }

  /** The leases are given back in case they were granted, each with a command of its own. */
  @Test
  void aGetAllWhoseLeasesAreAnsweredLateIsNoReasonEither() {
    onASlowNetwork(
        0,
        2,
        cache -> {
          assertLoads(cache, CHUNK, CHUNK);
          eventually(() -> assertThat(cache.stats().storeFailures()).isEqualTo(2 * CHUNK));
        });
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
