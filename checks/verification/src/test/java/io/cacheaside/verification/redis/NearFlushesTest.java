package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.LatencyHistogram;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The counts say why all near values were outdated, and for how long nothing could be told. */
class NearFlushesTest {
  private static final Duration MAX_STALENESS = Duration.ofMillis(400);

  private final RedisServer server = RedisServer.start();
  private final RedisStore store =
      RedisStore.builder()
          .uri(server.uri())
          .clientName("reads")
          .commandTimeout(Duration.ofSeconds(2))
          .connect();
  private final CacheAside<String, String> cache =
      CacheAside.builder("near", Codec.string())
          .store(store)
          .nearCache(NearCache.ofEntries(100).maxStaleness(MAX_STALENESS))
          .build();

  @AfterEach
  void close() {
    cache.close();
    store.close();
    server.close();
  }

  private void awaitNear() {
    long before = cache.stats().nearHits();
    eventually()
        .until(
            () -> {
              cache.get("key", key -> "value");
              return cache.stats().nearHits() > before;
            });
  }

  private long flushesBy(Cause cause) {
    return cache.stats().flushes().get(cause);
  }

  private void assertFlushedBy(Cause expected) {
    eventually().until(() -> flushesBy(expected) > 0);
    assertThat(Cause.values()).filteredOn(cause -> flushesBy(cause) > 0).containsOnly(expected);
  }

  @Test
  void aCauseThatNeverWasHasACountOfZero() {
    awaitNear();

    assertThat(cache.stats().flushes())
        .containsOnlyKeys(Cause.values())
        .allSatisfy((cause, count) -> assertThat(count).isZero());
  }

  @Test
  void anEmptiedServer() {
    awaitNear();

    server.command("FLUSHALL");

    assertFlushedBy(Cause.EMPTIED);
  }

  @Test
  void aKeyThatIsDeletedByHandIsGoneAndNothingElse() {
    awaitNear();

    server.command("DEL", "cache:near:key");

    eventually().until(() -> cache.get("key", key -> "loaded").equals("loaded"));
    assertThat(cache.stats().flushes().values()).containsOnly(0L);
  }

  @Test
  void aLostConnection() {
    awaitNear();

    server.command("CLIENT", "KILL", "TYPE", "normal");

    assertFlushedBy(Cause.DISCONNECTED);
    awaitNear();
  }

  @Test
  void aDemotedServer() {
    awaitNear();
    try (RedisServer other = RedisServer.start()) {
      server.command("REPLICAOF", other.host(), String.valueOf(other.port()));

      eventually().until(() -> flushesBy(Cause.DEMOTED) > 0);
      server.command("REPLICAOF", "NO", "ONE");
    }
  }

  @Test
  void aPattern() {
    awaitNear();

    cache.invalidateMatching("k*");

    assertFlushedBy(Cause.REMOVED_BY_PATTERN);
  }

  @Test
  void theTimeWithinWhichChangesAreToldIsCounted() {
    awaitNear();
    CacheStats before = cache.stats();

    eventually()
        .until(() -> cache.stats().propagation().count() >= before.propagation().count() + 3);

    assertThat(cache.stats().propagation().percentile(0.5))
        .hasValueSatisfying(time -> assertThat(time).isPositive());
  }

  /** Whoever asks in vain asks again; the change that nobody told of was made before all that. */
  @Test
  void whatASilentServerTellsLateCountsAsLate() {
    awaitNear();

    server.freeze();
    NearPair.pass(MAX_STALENESS.multipliedBy(2));
    server.thaw();

    eventually().until(() -> toldLaterThan(MAX_STALENESS) > 0);
  }

  private long toldLaterThan(Duration bound) {
    LatencyHistogram told = cache.stats().propagation();
    return IntStream.range(0, told.upperBounds().size())
        .filter(range -> told.upperBounds().get(range).compareTo(bound) > 0)
        .mapToLong(range -> told.counts().get(range))
        .sum();
  }

  @Test
  void timeGoesUntoldWhileTheServerIsSilent() {
    awaitNear();
    CacheStats before = cache.stats();

    server.freeze();
    eventually()
        .until(
            () ->
                cache.stats().timeUntold().minus(before.timeUntold()).compareTo(MAX_STALENESS) > 0);
    server.thaw();

    awaitNear();
  }
}
