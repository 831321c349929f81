package io.cacheaside.verification.history;

import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The servers of a run: one, or a cluster of three primaries with a replica each. */
sealed interface Servers extends AutoCloseable {
  List<RedisServer> nodes();

  List<RedisServer> primaries();

  String uri();

  boolean isCluster();

  /** How many replicas each primary has. */
  int copies();

  /** The numbers of the keys that a primary has. */
  Set<Integer> keysOf(RedisServer primary);

  /** Waits until all servers that run agree about who is what. */
  void awaitStable();

  @Override
  void close();

  static Servers start(boolean cluster, ServerBinary binary) {
    return cluster
        ? new Cluster(
            RedisCluster.builder().nodes(node -> node.binary(binary)).replicasPerMaster(1).start())
        : new Single(RedisServer.start(binary));
  }

  /** One server without replicas, and without persistence: after its end it is empty. */
  record Single(RedisServer server) implements Servers {
    @Override
    public List<RedisServer> nodes() {
      return List.of(server);
    }

    @Override
    public List<RedisServer> primaries() {
      return nodes();
    }

    @Override
    public String uri() {
      return server.uri();
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public int copies() {
      return 0;
    }

    @Override
    public Set<Integer> keysOf(RedisServer primary) {
      return Set.copyOf(VersionedSource.keys());
    }

    @Override
    public void awaitStable() {}

    @Override
    public void close() {
      server.close();
    }
  }

  /** Three primaries, with a replica each that every invalidation waits for. */
  record Cluster(RedisCluster cluster) implements Servers {
    @Override
    public List<RedisServer> nodes() {
      return cluster.nodes();
    }

    @Override
    public List<RedisServer> primaries() {
      return cluster.masters();
    }

    @Override
    public String uri() {
      return cluster.nodes().stream()
          .map(node -> node.host() + ":" + node.port())
          .collect(Collectors.joining(",", "redis-cluster://", ""));
    }

    @Override
    public boolean isCluster() {
      return true;
    }

    @Override
    public int copies() {
      return 1;
    }

    @Override
    public Set<Integer> keysOf(RedisServer primary) {
      return VersionedSource.keys().stream()
          .filter(key -> cluster.ownerOf("cache:history:" + VersionedSource.nameOf(key)) == primary)
          .collect(Collectors.toSet());
    }

    @Override
    public void awaitStable() {
      cluster.awaitStable();
    }

    @Override
    public void close() {
      cluster.close();
    }
  }
}
