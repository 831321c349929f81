package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster of which one primary stands still, and is not replaced. */
@Tag("cluster")
class RedisSickNodeTest {
  private static final List<String> KEYS =
      IntStream.range(0, 30).mapToObj(number -> "key-" + number).toList();

  private static RedisCluster cluster() {
    return RedisCluster.builder()
        .replicasPerMaster(0)
        .nodes(
            node -> node.config("cluster-require-full-coverage no", "cluster-node-timeout 60000"))
        .start();
  }

  private static String uri(RedisCluster cluster) {
    RedisServer node = cluster.masters().get(0);
    return "redis-cluster://" + node.host() + ":" + node.port();
  }

  private static void eventually(ThrowingRunnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(40)).untilAsserted(assertion);
  }

  @Test
  void keysOfTheOthersAreHit() {
    try (RedisCluster cluster = cluster();
        RedisStore store =
            RedisStore.builder()
                .uri(uri(cluster))
                .commandTimeout(Duration.ofSeconds(1))
                .connectTimeout(Duration.ofSeconds(40))
                .connect();
        CacheAside<String, String> cache =
            CacheAside.builder("c", Codec.string())
                .store(store)
                .circuitBreaker(3, Duration.ofSeconds(1))
                .build()) {
      RedisServer sick = cluster.masters().get(1);
      List<String> ofSick = KEYS.stream().filter(key -> owner(cluster, key) == sick).toList();
      List<String> ofOthers = KEYS.stream().filter(key -> owner(cluster, key) != sick).toList();
      eventually(
          () -> {
            KEYS.forEach(key -> cache.get(key, k -> "v"));
            KEYS.forEach(key -> assertThat(cache.lookup(key).value()).contains("v"));
          });

      sick.freeze();
      eventually(
          () -> {
            cache.get(ofSick.get(0), key -> "source");
            assertThat(cache.stats().storeSkips()).isPositive();
          });

      assertThat(ofOthers).isNotEmpty();
      for (String key : ofOthers) {
        assertThat(cache.lookup(key).value()).contains("v");
      }
      sick.thaw();
      eventually(() -> assertThat(cache.lookup(ofSick.get(0)).value()).contains("v"));
    }
  }

  private static RedisServer owner(RedisCluster cluster, String key) {
    return cluster.ownerOf("cache:c:" + key);
  }

  @Test
  void aFailureNamesTheNodeOfItsKey() throws Exception {
    try (RedisCluster cluster = cluster();
        RedisStore store = RedisStore.connect(uri(cluster))) {
      RedisServer sick = cluster.ownerOf("cache:k");
      String name = sick.host() + ":" + sick.port();
      assertThat(store.nodeOf("k")).isEqualTo(name);
      assertThat(store.ping(name)).succeedsWithin(Duration.ofSeconds(10));
      assertThat(store.ping("another:1")).succeedsWithin(Duration.ofSeconds(10));

      sick.freeze();

      assertThat(storeFailure(store.read("k")).node()).isEqualTo(name);
      assertThat(storeFailure(store.remove("k")).node()).isEqualTo(name);
      assertThat(storeFailure(store.swap("k", new byte[] {1}, new byte[] {2}, null)).node())
          .isEqualTo(name);
      assertThat(storeFailure(store.ping(name)).reason()).isEqualTo(Reason.TIMED_OUT);
      assertThat(storeFailure(store.ping()).node()).isEqualTo(name);
      sick.thaw();
    }
  }

  @Test
  void aStoreOfOneServerNamesNone() {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      assertThat(store.nodeOf("k")).isNull();
    }
  }
}
