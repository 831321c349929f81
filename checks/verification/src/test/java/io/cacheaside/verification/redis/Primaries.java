package io.cacheaside.verification.redis;

import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The servers whose values are read near: one, or the three of a cluster without replicas. */
record Primaries(Kind kind, List<RedisServer> servers, String uri) implements AutoCloseable {

  /** Longer than any fault lasts: nobody is to be replaced. */
  private static final Duration FAILURE_DETECTION = Duration.ofSeconds(30);

  /** What there is. */
  enum Kind {
    REDIS,
    VALKEY,
    CLUSTER
  }

  static Primaries start(Kind kind) {
    return switch (kind) {
      case REDIS -> single(kind, ServerBinary.BUNDLED);
      case VALKEY -> single(kind, ServerBinary.VALKEY_8_1);
      case CLUSTER -> cluster(kind);
    };
  }

  private static Primaries single(Kind kind, ServerBinary binary) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    RedisServer server = RedisServer.start(binary);
    return new Primaries(kind, List.of(server), server.uri());
  }

  private static Primaries cluster(Kind kind) {
    RedisCluster cluster = RedisCluster.builder().failureDetection(FAILURE_DETECTION).start();
    return new Primaries(kind, cluster.masters(), RedisClusterContractTest.clusterUri(cluster));
  }

  /** The only one, or one of three. */
  RedisServer first() {
    return servers.get(0);
  }

  /** A store of a process that reads near. */
  RedisStoreBuilder reads() {
    return NearPair.reads(uri);
  }

  @Override
  public void close() {
    servers.forEach(RedisServer::close);
  }
}
