package io.cacheaside.verification.redis;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import io.cacheaside.testkit.StoreContract;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What every store has to do, on a cluster of three primaries. */
@Tag("cluster")
@Tag("full")
class RedisClusterContractTest {
  abstract static class OnCluster extends StoreContract {
    private final ServerBinary binary;

    OnCluster(ServerBinary binary) {
      this.binary = binary;
      Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    }

    private RedisCluster cluster() {
      return SharedServers.cluster(binary);
    }

    @Override
    protected RedisStore open() {
      return RedisStore.builder()
          .uri(clusterUri(cluster()))
          .commandTimeout(Duration.ofSeconds(20))
          .connect();
    }

    @Override
    protected void putForeign(String key) {
      RedisServer owner = cluster().ownerOf("cache:" + key);
      owner.command("RPUSH", "cache:" + key, "not a state");
      owner.command("EXPIRE", "cache:" + key, "60");
    }
  }

  static String clusterUri(RedisCluster cluster) {
    return cluster.nodes().stream()
        .map(node -> node.host() + ":" + node.port())
        .collect(Collectors.joining(",", "redis-cluster://", ""));
  }

  @Nested
  class BundledRedis extends OnCluster {
    BundledRedis() {
      super(ServerBinary.BUNDLED);
    }
  }

  @Nested
  class Valkey81 extends OnCluster {
    Valkey81() {
      super(ServerBinary.VALKEY_8_1);
    }
  }
}
