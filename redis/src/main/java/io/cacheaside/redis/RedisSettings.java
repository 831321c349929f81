package io.cacheaside.redis;

import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link RedisStore}, which go together. What each of them means, and which values
 * it may have, is said at {@link RedisStoreBuilder}.
 */
record RedisSettings(
    Topology topology,
    List<Node> nodes,
    @Nullable String sentinelMaster,
    int database,
    @Nullable String username,
    @Nullable RedisCredentialsProvider credentials,
    @Nullable TlsSettings tls,
    String prefix,
    Duration commandTimeout,
    Duration connectTimeout,
    int invalidationCopies,
    Duration copyTimeout,
    String clientName,
    int requestQueueSize,
    boolean failFast,
    @Nullable ClientResources clientResources) {

  RedisSettings {
    nodes = List.copyOf(nodes);
    checkNodes(topology, nodes, sentinelMaster);
    check(
        topology != Topology.CLUSTER || database == 0,
        "database is %d; use 0 with a cluster".formatted(database));
    check(
        username == null || credentials != null,
        "username is '%s'; use it with its password".formatted(username));
    check(
        invalidationCopies == 0 || topology != Topology.CLUSTER || !hasEmptyTag(prefix),
        "prefix is '%s'; use one without {} in a cluster with invalidationCopies(%d)"
            .formatted(prefix, invalidationCopies));
  }

  private static void checkNodes(
      Topology topology, List<Node> nodes, @Nullable String sentinelMaster) {
    check(
        topology != Topology.STANDALONE || nodes.size() == 1,
        "nodes is %s; use several with a cluster (cluster(true), redis-cluster://) or Sentinels"
                .formatted(nodes)
            + " (sentinelMaster, redis-sentinel://)");
    check(
        (topology == Topology.SENTINEL) == (sentinelMaster != null),
        "sentinelMaster is %s; use it if and only if the nodes are Sentinels,"
                .formatted(sentinelMaster)
            + " in an URI as redis-sentinel://host:port#name");
  }

  /** Says whether the rest of a key that begins with a prefix has no say about its slot. */
  static boolean hasEmptyTag(String prefix) {
    int open = prefix.indexOf('{');
    return open >= 0 && prefix.indexOf('}', open) == open + 1;
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Returns a time as it stands in messages. */
  static String shown(Duration time) {
    return time.toHours() == 0 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  /** Says where the store is connected to, in the form of an URI without credentials. */
  String address() {
    StringBuilder address = new StringBuilder(topology.scheme(tls != null)).append("://");
    nodes.forEach(node -> address.append(node).append(','));
    address.setLength(address.length() - 1);
    address.append(database == 0 ? "" : "/" + database);
    return address.append(sentinelMaster == null ? "" : "#" + sentinelMaster).toString();
  }

  /** Returns the command that grants permissions to the user of the store. */
  String grant(String rules) {
    return "ACL SETUSER %s %s".formatted(username == null ? "default" : username, rules);
  }

  /** Returns the ACL rule that permits every key of the store. */
  String keyRule() {
    return "~" + Glob.literally(prefix) + "*";
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return "RedisStore[%s, prefix=%s]".formatted(address(), prefix);
  }
}
