package io.cacheaside.redis;

import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The options of a {@link RedisStore}, checked. What they mean is said at its builder. */
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

  /** A batch of the engine has to fit: 500 reads, each of which is two commands if watched. */
  private static final int MIN_REQUEST_QUEUE_SIZE = 1_000;

  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final Pattern CLIENT_NAME = Pattern.compile("[!-~]+");

  RedisSettings {
    nodes = List.copyOf(nodes);
    checkNodes(topology, nodes, sentinelMaster);
    checkDatabase(topology, database);
    check(
        username == null || credentials != null,
        "username = %s: give its password, too".formatted(username));
    check(
        StandardCharsets.UTF_8.newEncoder().canEncode(prefix),
        "prefix = %s: give text without half a surrogate pair".formatted(prefix));
    checkTimeout("commandTimeout", commandTimeout);
    checkTimeout("connectTimeout", connectTimeout);
    checkCopies(topology, prefix, invalidationCopies);
    checkTimeout("copyTimeout", copyTimeout);
    check(
        CLIENT_NAME.matcher(clientName).matches(),
        "clientName = '%s': give printable ASCII without spaces".formatted(clientName));
    check(
        requestQueueSize >= MIN_REQUEST_QUEUE_SIZE,
        "requestQueueSize = %d: give at least %d"
            .formatted(requestQueueSize, MIN_REQUEST_QUEUE_SIZE));
  }

  private static void checkNodes(
      Topology topology, List<Node> nodes, @Nullable String sentinelMaster) {
    check(!nodes.isEmpty(), "nodes = []: give at least one host:port");
    check(
        topology != Topology.STANDALONE || nodes.size() == 1,
        "nodes = %s: more than one are a cluster (cluster, redis-cluster://) or Sentinels"
                .formatted(nodes)
            + " (sentinelMaster, redis-sentinel://)");
    check(
        (topology == Topology.SENTINEL) == (sentinelMaster != null),
        "sentinelMaster = %s: give it if and only if the nodes are Sentinels;"
                .formatted(sentinelMaster)
            + " in an URI redis-sentinel://host:port#name");
  }

  private static void checkDatabase(Topology topology, int database) {
    check(database >= 0, "database = %d: give 0 or more".formatted(database));
    check(
        topology != Topology.CLUSTER || database == 0,
        "database = %d: a cluster has database 0 only".formatted(database));
  }

  private static void checkCopies(Topology topology, String prefix, int copies) {
    check(copies >= 0, "invalidationCopies = %d: give 0 or more".formatted(copies));
    check(
        copies == 0 || topology != Topology.CLUSTER || !Marks.hasEmptyTag(prefix),
        "prefix = %s: do not begin it with {} in a cluster with invalidationCopies = %d"
            .formatted(prefix, copies));
  }

  private static void checkTimeout(String property, Duration timeout) {
    check(
        timeout.compareTo(MIN_TIMEOUT) >= 0 && timeout.compareTo(MAX_TIMEOUT) <= 0,
        "%s = %s: give 1 ms to %d h".formatted(property, shown(timeout), MAX_TIMEOUT.toHours()));
  }

  /** Returns a time as it stands in messages. */
  static String shown(Duration time) {
    return time.toHours() == 0 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Says where the store is connected to, in the form of an URI without credentials. */
  String address() {
    StringBuilder address = new StringBuilder(topology.scheme(tls != null)).append("://");
    nodes.forEach(node -> address.append(node).append(','));
    address.setLength(address.length() - 1);
    address.append(database == 0 ? "" : "/" + database);
    return address.append(sentinelMaster == null ? "" : "#" + sentinelMaster).toString();
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return "RedisStore[%s, prefix=%s]".formatted(address(), prefix);
  }
}
