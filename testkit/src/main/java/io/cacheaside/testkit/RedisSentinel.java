package io.cacheaside.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real master with one replica, watched by Sentinels that make the replica the master when it
 * fails.
 *
 * <p>The servers and Sentinels are {@link RedisServer}s: stop, kill, freeze and restart them, then
 * {@link #awaitStable()}. Roles are not fixed; {@link #master()} and {@link #replica()} ask a
 * Sentinel that can answer, and after a fault say what was so before it until the Sentinels have
 * noticed. Losing the master needs a majority of the Sentinels to notice.
 *
 * <p>Thread-safe. Every method blocks until what it says has happened, and fails with an {@link
 * IllegalStateException} when it does not happen within 30 s or the caller is interrupted.
 */
public final class RedisSentinel implements AutoCloseable {

  private static final String MASTER_NAME = "mymaster";
  private static final String FAILOVER_TIMEOUT_MILLIS = "5000";

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<RedisServer> sentinels = new ArrayList<>();

  private RedisSentinel(Builder settings) {
    try {
      servers.add(settings.startMaster());
      servers.add(settings.startReplica(servers.get(0)));
      for (int i = 0; i < settings.sentinels; i++) {
        sentinels.add(settings.startSentinel(servers.get(0)));
      }
      sentinels.forEach(RedisSentinel::quicken);
      awaitStable();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /**
   * A Sentinel looks every 10 s by default, which would make each start and fail-over that slow.
   */
  private static void quicken(RedisServer sentinel) {
    sentinel.command("SENTINEL", "DEBUG", "INFO-PERIOD", "300", "PUBLISH-PERIOD", "300");
  }

  /** Starts master, replica and one Sentinel of the given program with default settings. */
  public static RedisSentinel start(ServerBinary binary) {
    return builder().servers(server -> server.binary(binary)).start();
  }

  /** Settings, at first one Sentinel and {@link ServerBinary#BUNDLED}. */
  public static Builder builder() {
    return new Builder();
  }

  /** The name under which the Sentinels know the master. */
  public String masterName() {
    return MASTER_NAME;
  }

  /**
   * The address as Redis clients write it: {@code redis-sentinel://host:port,host:port#master},
   * with the password of the servers' default user if they have one.
   */
  public String uri() {
    return sentinels.stream()
        .map(sentinel -> sentinel.host() + ":" + sentinel.port())
        .collect(
            Collectors.joining(
                ",", "redis-sentinel://" + servers.get(0).credentials(), "#" + MASTER_NAME));
  }

  /** The server that the Sentinels take for the master. */
  public RedisServer master() {
    return master(reachableSentinels().findFirst().orElseThrow(RedisSentinel::noSentinel));
  }

  /** The other server, whatever its state. */
  public RedisServer replica() {
    RedisServer master = master();
    return servers.get(0) == master ? servers.get(1) : servers.get(0);
  }

  /** The Sentinels, whatever their state. */
  public List<RedisServer> sentinels() {
    return List.copyOf(sentinels);
  }

  private Stream<RedisServer> reachableSentinels() {
    return sentinels.stream().filter(RedisServer::isReachable);
  }

  private static IllegalStateException noSentinel() {
    return new IllegalStateException("no Sentinel is running and not frozen");
  }

  private RedisServer master(RedisServer sentinel) {
    List<?> address =
        (List<?>) sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
    String port = (String) Objects.requireNonNull(address).get(1);
    return servers.stream()
        .filter(server -> server.port() == Integer.parseInt(port))
        .findAny()
        .orElseThrow();
  }

  /** Swaps the roles of master and replica by order of a Sentinel. */
  public void failover() {
    RedisServer former = master();
    RedisServer sentinel = reachableSentinels().findFirst().orElseThrow(RedisSentinel::noSentinel);
    sentinel.command("SENTINEL", "FAILOVER", MASTER_NAME);
    Await.until(
        RedisServer.LIMIT, () -> former + " stays the master", () -> master(sentinel) != former);
    awaitStable();
  }

  /**
   * Waits until every running and not frozen Sentinel knows the same running master, the other
   * server, if it runs, replicates it, and the Sentinels know that and each other.
   */
  public void awaitStable() {
    Await.until(RedisServer.LIMIT, () -> "not stable: " + this, this::isStable);
  }

  private boolean isStable() {
    List<RedisServer> masters = reachableSentinels().map(this::master).distinct().toList();
    return masters.size() == 1
        && masters.get(0).isReachable()
        && servers.stream().filter(RedisServer::isReachable).allMatch(s -> plays(s, masters.get(0)))
        && reachableSentinels().allMatch(this::seesEverything);
  }

  private static boolean plays(RedisServer server, RedisServer master) {
    Map<String, String> replication = server.info("replication");
    return server == master
        ? "master".equals(replication.get("role"))
        : String.valueOf(master.port()).equals(replication.get("master_port"))
            && "up".equals(replication.get("master_link_status"));
  }

  private boolean seesEverything(RedisServer sentinel) {
    Map<String, String> master = fields(sentinel.command("SENTINEL", "MASTER", MASTER_NAME));
    return "master".equals(master.get("flags"))
        && String.valueOf(sentinels.size() - 1).equals(master.get("num-other-sentinels"))
        && (!replica().isReachable() || seesReplica(sentinel));
  }

  private static boolean seesReplica(RedisServer sentinel) {
    List<?> replicas = (List<?>) sentinel.command("SENTINEL", "REPLICAS", MASTER_NAME);
    return replicas != null
        && replicas.stream()
            .map(RedisSentinel::fields)
            .anyMatch(
                replica ->
                    "slave".equals(replica.get("flags"))
                        && "ok".equals(replica.get("master-link-status")));
  }

  private static Map<String, String> fields(@Nullable Object reply) {
    List<?> list = (List<?>) Objects.requireNonNull(reply);
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < list.size(); i += 2) {
      fields.put((String) list.get(i), (String) list.get(i + 1));
    }
    return fields;
  }

  /** Closes servers and Sentinels. Idempotent. */
  @Override
  public void close() {
    sentinels.forEach(RedisServer::close);
    servers.forEach(RedisServer::close);
  }

  /** Servers and Sentinels; no secrets. */
  @Override
  public String toString() {
    return "servers " + servers + " under Sentinels " + sentinels;
  }

  /** Settings of servers and Sentinels to be started. Not thread-safe. */
  public static final class Builder {

    private UnaryOperator<RedisServer.Builder> serverSettings = UnaryOperator.identity();
    private int sentinels = 1;
    private Duration failureDetection = Duration.ofSeconds(2);

    private Builder() {}

    /** What both servers get beyond the defaults; the Sentinels run the same program. */
    public Builder servers(UnaryOperator<RedisServer.Builder> settings) {
      serverSettings = settings;
      return this;
    }

    /** How many Sentinels watch; default 1. More than half of them must agree on a failure. */
    public Builder sentinels(int count) {
      sentinels = count;
      return this;
    }

    /**
     * How long a server may be silent before a Sentinel counts it as failed; default 2 s. Less
     * makes fail-overs faster, and likelier by accident on a busy machine.
     */
    public Builder failureDetection(Duration silence) {
      failureDetection = silence;
      return this;
    }

    private RedisServer startMaster() {
      return serverSettings.apply(RedisServer.builder()).start();
    }

    private RedisServer startReplica(RedisServer master) {
      return serverSettings.apply(RedisServer.builder()).replicaOf(master).start();
    }

    private RedisServer startSentinel(RedisServer master) {
      int quorum = sentinels / 2 + 1;
      return RedisServer.builder()
          .binary(master.binary())
          .sentinel()
          .config(
              sentinelLine("monitor", RedisServer.HOST + " " + master.port() + " " + quorum),
              sentinelLine("auth-user", RedisServer.CONTROL_USER),
              sentinelLine("auth-pass", RedisServer.CONTROL_PASSWORD),
              sentinelLine("down-after-milliseconds", "" + failureDetection.toMillis()),
              sentinelLine("failover-timeout", FAILOVER_TIMEOUT_MILLIS))
          .start();
    }

    private static String sentinelLine(String property, String value) {
      return String.join(" ", "sentinel", property, MASTER_NAME, value);
    }

    /**
     * Starts servers and Sentinels and waits until they are {@linkplain RedisSentinel#awaitStable()
     * stable}.
     *
     * @throws IllegalStateException one does not start, or they are not stable within 30 s
     */
    public RedisSentinel start() {
      return new RedisSentinel(this);
    }
  }
}
