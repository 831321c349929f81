package io.cacheaside.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what the nodes of a store refuse, when they are connected to and whenever a connection
 * has been lost and is back.
 */
final class Probes {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  /** Begins no key of a cache, as a percent sign in its name is escaped. */
  private static final String KEY = "%p";

  /** Enough to find a key for each node, unless it has next to no slots. */
  private static final int MAX_KEYS_TRIED = 4_096;

  private final RedisSettings settings;
  private final Origin origin;
  private final Deployment deployment;
  private final Set<StatefulConnection<String, byte[]>> repeated = ConcurrentHashMap.newKeySet();
  private final Map<String, String> logged = new ConcurrentHashMap<>();

  Probes(RedisSettings settings, Origin origin, Deployment deployment) {
    this.settings = settings;
    this.origin = origin;
    this.deployment = deployment;
  }

  /** Probes every primary that is connected. The stage never fails. */
  CompletionStage<List<Finding>> all(StatefulConnection<String, byte[]> connection) {
    List<CompletableFuture<Finding>> findings = new ArrayList<>();
    try {
      var primaries = deployment.primaries(connection);
      Map<String, String> keys = keysOn(primaries.keySet());
      primaries.forEach(
          (node, primary) -> {
            String key = keys.get(node);
            if (key != null) {
              findings.add(finding(node, key, primary));
            }
          });
    } catch (RuntimeException e) {
      LOG.debug("The nodes are not known at the moment", e);
    }
    return Stages.all(findings.stream())
        .thenApply(done -> findings.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<Finding> finding(
      String node,
      String key,
      CompletionStage<? extends StatefulConnection<String, byte[]>> primary) {
    return primary
        .thenCompose(opened -> probe(node, key, Link.single(opened)))
        .exceptionally(unreachable -> Finding.unknown(node))
        .toCompletableFuture();
  }

  /** Returns a key for each node, as far as one is found. */
  private Map<String, String> keysOn(Set<String> nodes) {
    Map<String, String> keys = new HashMap<>();
    if (!deployment.isCluster()) {
      nodes.forEach(node -> keys.put(node, KEY));
      return keys;
    }
    for (int tried = 0; tried < MAX_KEYS_TRIED && keys.size() < nodes.size(); tried++) {
      String key = KEY + ":" + tried;
      String node = deployment.nodeOf(origin.codec().encodeKey(key));
      if (node != null && nodes.contains(node)) {
        keys.putIfAbsent(node, key);
      }
    }
    return keys;
  }

  private CompletionStage<Finding> probe(
      String node, String key, StatefulRedisConnection<String, byte[]> connection) {
    repeated.removeIf(Probes::isClosed);
    if (repeated.add(connection)) {
      connection.addListener(new Again(node, key, connection));
    }
    return new Probe(settings, origin, key).over(connection, node);
  }

  private static boolean isClosed(StatefulConnection<?, ?> connection) {
    return connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed();
  }

  /** Logs what a node refuses, unless it refused the same the last time. */
  void log(Finding finding) {
    if (!finding.isAnswer() || origin.isClosed()) {
      return;
    }
    String message = finding.isNothing() ? "" : finding.message(settings);
    String before = logged.put(finding.node(), message);
    if (!message.isEmpty() && !message.equals(before) && !finding.isReplica()) {
      LOG.warn("{}", message);
    }
  }

  /** Probes a node again after each reconnect. */
  private final class Again implements RedisConnectionStateListener {
    private final String node;
    private final String key;
    private final StatefulRedisConnection<String, byte[]> connection;

    Again(String node, String key, StatefulRedisConnection<String, byte[]> connection) {
      this.node = node;
      this.key = key;
      this.connection = connection;
    }

    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> handler, SocketAddress address) {
      new Probe(settings, origin, key).over(connection, node).thenAccept(Probes.this::log);
    }
  }
}
