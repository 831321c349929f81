package io.cacheaside.testkit;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Servers that all tests of this JVM share, so that each is started once at most.
 *
 * <pre>{@code
 * private final RedisServer server = SharedServers.redis(ServerBinary.BUNDLED);
 * }</pre>
 *
 * <p>They are started by the first call, have default settings, and end with the JVM. Tests keep
 * apart by key prefixes of their own. A test that would disturb others, by {@code FLUSHALL}, by
 * configuring, stopping, freezing or closing, starts a server of its own.
 *
 * <p>Thread-safe. A call that starts something blocks until it is up.
 */
public final class SharedServers {

  private static final Shared<RedisServer> REDIS = new Shared<>(SharedServers::startServer);
  private static final Shared<RedisCluster> CLUSTERS = new Shared<>(SharedServers::startCluster);

  /** Nobody fails here, so who is silent for a while only has to wait for a processor. */
  private static final Duration NO_FAILURES = Duration.ofSeconds(30);

  private SharedServers() {}

  private static RedisServer startServer(ServerBinary binary) {
    RedisServer server = RedisServer.start(binary);
    server.share();
    return server;
  }

  private static RedisCluster startCluster(ServerBinary binary) {
    RedisCluster cluster =
        RedisCluster.builder()
            .nodes(node -> node.binary(binary))
            .failureDetection(NO_FAILURES)
            .start();
    cluster.nodes().forEach(RedisServer::share);
    return cluster;
  }

  /** The shared server that runs {@code binary}. */
  public static RedisServer redis(ServerBinary binary) {
    return REDIS.get(binary);
  }

  /** The shared cluster, three masters without replicas, that runs {@code binary}. */
  public static RedisCluster cluster(ServerBinary binary) {
    return CLUSTERS.get(binary);
  }

  private static final class Shared<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ServerBinary, T> started = new EnumMap<>(ServerBinary.class);
    private final Function<ServerBinary, T> start;

    Shared(Function<ServerBinary, T> start) {
      this.start = start;
    }

    T get(ServerBinary binary) {
      lock.lock();
      try {
        return started.computeIfAbsent(binary, start);
      } finally {
        lock.unlock();
      }
    }
  }
}
