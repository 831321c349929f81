package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invalidations on servers that are out of memory and evict nothing. */
@Tag("redis")
class RedisOutOfMemoryTest {
  private static final Duration TTL = Duration.ofMinutes(1);

  static List<ServerBinary> servers() {
    return ServerBinary.available();
  }

  private static RedisStore connect(String uri) {
    return RedisStore.builder().uri(uri).commandTimeout(Duration.ofSeconds(10)).connect();
  }

  private static CacheAside<String, String> holding(RedisStore store) {
    return CacheAside.builder("c", Codec.string())
        .store(store)
        .holdOff(TTL)
        .fenceTime(TTL)
        .executor(Runnable::run)
        .build();
  }

  private static void fill(RedisServer server) {
    server.command("CONFIG", "SET", "maxmemory", "1");
  }

  private static void empty(RedisServer server) {
    server.command("CONFIG", "SET", "maxmemory", "0");
  }

  private static void assertHeldOff(CacheAside<String, String> cache, String key) {
    assertThat(cache.stats().unconfirmedInvalidations()).isZero();
    assertThat(cache.get(key, k -> "lagging")).isEqualTo("lagging");
    assertThat(cache.get(key, k -> "new")).isEqualTo("new");
  }

  @ParameterizedTest
  @MethodSource("servers")
  void holdOffsAndFencesAreStoredAllTheSame(ServerBinary binary) throws Exception {
    try (RedisServer server = RedisServer.start(binary);
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache = holding(store)) {
      List.of("a", "b", "c", "d").forEach(key -> cache.put(key, "old"));
      fill(server);

      cache.invalidate("a");
      cache.async().invalidate("b").get(10, TimeUnit.SECONDS);
      cache.writeThenInvalidate("c", () -> assertThat(cache.lookup("c").value()).isEmpty());
      cache
          .async()
          .writeThenInvalidate("d", () -> CompletableFuture.completedFuture("written"))
          .get(10, TimeUnit.SECONDS);
      cache.invalidate("never cached");

      empty(server);
      for (String key : List.of("a", "b", "c", "d", "never cached")) {
        assertHeldOff(cache, key);
      }
    }
  }

  @Test
  void holdOffsAreStoredOnEveryNodeOfACluster() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(0).start();
        RedisStore store =
            RedisStore.builder()
                .cluster(true)
                .nodes(cluster.masters().get(0).host() + ":" + cluster.masters().get(0).port())
                .commandTimeout(Duration.ofSeconds(10))
                .connect();
        CacheAside<String, String> cache = holding(store)) {
      List<String> keys = List.of("a", "b", "c", "d", "e", "f", "g", "h");
      keys.forEach(key -> cache.put(key, "old"));
      cluster.masters().forEach(RedisOutOfMemoryTest::fill);

      cache.invalidateAll(keys);

      cluster.masters().forEach(RedisOutOfMemoryTest::empty);
      keys.forEach(key -> assertHeldOff(cache, key));
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aSwapThatDoesNotNeedMemoryComparesLikeAnyOther(ServerBinary binary) throws Exception {
    try (RedisServer server = RedisServer.start(binary);
        RedisStore store = connect(server.uri())) {
      byte[] old = bytes("old:payload");
      byte[] state = bytes("new:");
      await(store.put("k", old, TTL));
      fill(server);

      assertThat(await(store.swapEvenIfFull("k", null, state, TTL))).isFalse();
      assertThat(await(store.swapEvenIfFull("k", bytes("another:"), state, TTL))).isFalse();
      assertThat(await(store.swapEvenIfFull("absent", bytes("old:"), state, TTL))).isFalse();
      assertThat(await(store.read("k"))).isEqualTo(old);
      assertThat(await(store.swapEvenIfFull("k", bytes("old:"), state, TTL))).isTrue();
      assertThat(await(store.swapEvenIfFull("absent", null, state, TTL))).isTrue();
      assertThat(await(store.readTimed("k", 100)).remaining()).isPositive();
      assertThat(await(store.readTimed("absent", 100)).remaining()).isPositive();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
