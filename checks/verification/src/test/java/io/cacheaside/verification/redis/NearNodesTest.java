package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node of a cluster outdates the near values that were read from it, and no others. */
@Tag("cluster")
class NearNodesTest {
  private static final List<String> KEYS =
      IntStream.range(0, 30).mapToObj(number -> "key-" + number).toList();

  private static boolean areAllNear(CacheAside<String, String> cache, List<String> keys) {
    long before = cache.stats().nearHits();
    keys.forEach(key -> cache.get(key, other -> "v"));
    return cache.stats().nearHits() == before + keys.size();
  }

  @Test
  void aLostConnectionOutdatesTheValuesOfItsNode() {
    try (RedisCluster cluster = RedisCluster.start(ServerBinary.BUNDLED);
        RedisStore store = Stages.connect(clusterUri(cluster));
        CacheAside<String, String> cache =
            CacheAside.builder("c", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(100).maxStaleness(Duration.ofMinutes(1)))
                .build()) {
      RedisServer node = cluster.masters().get(1);
      List<String> ofNode = KEYS.stream().filter(key -> owner(cluster, key) == node).toList();
      List<String> ofOthers = KEYS.stream().filter(key -> owner(cluster, key) != node).toList();
      eventually().until(() -> areAllNear(cache, KEYS));

      node.command("CLIENT", "KILL", "TYPE", "normal");
      eventually().until(() -> cache.stats().flushes().get(Cause.DISCONNECTED) > 0);

      assertThat(areAllNear(cache, ofOthers)).isTrue();
      long before = cache.stats().nearHits();
      ofNode.forEach(key -> cache.get(key, other -> "v"));
      assertThat(cache.stats().nearHits()).isEqualTo(before);
      eventually().until(() -> areAllNear(cache, KEYS));
    }
  }

  private static RedisServer owner(RedisCluster cluster, String key) {
    return cluster.ownerOf("cache:c:" + key);
  }
}
