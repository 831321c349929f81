package io.cacheaside.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.SocketOptions.TcpUserTimeoutOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.TimeoutOptions.TimeoutSource;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.CommandWrapper;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.EpollProvider;
import io.lettuce.core.resource.IOUringProvider;
import io.lettuce.core.resource.KqueueProvider;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Lettuce's options for a store.
 *
 * <p>A command is sent at most once: it is rejected while there is no connection, and fails when
 * its connection breaks. Lettuce would keep it and send it again, which a swap must not be.
 */
final class LettuceOptions {
  private static final int MAX_REDIRECTS = 5;
  private static final int ATTEMPTS_BEFORE_REFRESH = 3;
  private static final Duration MIN_REFRESH_INTERVAL = Duration.ofSeconds(2);
  private static final Duration MAX_REFRESH_INTERVAL = Duration.ofSeconds(30);
  private static final Duration KEEP_ALIVE_IDLE = Duration.ofSeconds(10);
  private static final Duration KEEP_ALIVE_INTERVAL = Duration.ofSeconds(5);
  private static final int KEEP_ALIVE_PROBES = 3;

  private final RedisSettings settings;
  private final ClientOptions options;

  /** Reads the files for TLS. */
  LettuceOptions(RedisSettings settings) {
    this.settings = settings;
    this.options = newOptions();
  }

  private ClientOptions newOptions() {
    ClientOptions.Builder builder =
        ClientOptions.builder()
            .autoReconnect(true)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            .protocolVersion(ProtocolVersion.RESP3)
            .requestQueueSize(settings.requestQueueSize())
            .socketOptions(socketOptions())
            .timeoutOptions(timeout(settings.commandTimeout(), settings.connectTimeout()));
    MaintNotifications.disable(builder);
    TlsSettings tls = settings.tls();
    if (tls != null) {
      builder.sslOptions(tls.sslOptions(settings.connectTimeout()));
    }
    return builder.build();
  }

  private SocketOptions socketOptions() {
    return SocketOptions.builder()
        .connectTimeout(settings.connectTimeout())
        .keepAlive(keepAlive())
        .tcpUserTimeout(
            TcpUserTimeoutOptions.builder()
                .enable(EpollProvider.isAvailable())
                .tcpUserTimeout(settings.connectTimeout())
                .build())
        .build();
  }

  private static KeepAliveOptions keepAlive() {
    KeepAliveOptions.Builder builder = KeepAliveOptions.builder().enable();
    if (canSetKeepAlive()) {
      builder.idle(KEEP_ALIVE_IDLE).interval(KEEP_ALIVE_INTERVAL).count(KEEP_ALIVE_PROBES);
    }
    return builder.build();
  }

  /**
   * Returns whether Lettuce can set more than that there are probes: by io_uring, by epoll, or by
   * the JDK. Otherwise it would warn at every connection.
   */
  private static boolean canSetKeepAlive() {
    return IOUringProvider.isAvailable()
        || EpollProvider.isAvailable()
        || (!KqueueProvider.isAvailable() && ModuleLayer.boot().findModule("jdk.net").isPresent());
  }

  private static TimeoutOptions timeout(Duration operations, Duration connecting) {
    return TimeoutOptions.builder()
        .timeoutCommands()
        .timeoutSource(new Timeouts(operations.toMillis(), connecting.toMillis()))
        .build();
  }

  /** Returns the options of connections that operations travel on. */
  ClientOptions forOperations() {
    return options;
  }

  /** Returns the options of connections to the nodes of a cluster. */
  ClusterClientOptions forCluster() {
    return ClusterClientOptions.builder(options)
        .maxRedirects(MAX_REDIRECTS)
        .topologyRefreshOptions(
            ClusterTopologyRefreshOptions.builder()
                .adaptiveRefreshTriggersTimeout(MIN_REFRESH_INTERVAL)
                .refreshTriggersReconnectAttempts(ATTEMPTS_BEFORE_REFRESH)
                .enablePeriodicRefresh(MAX_REFRESH_INTERVAL)
                .build())
        .build();
  }

  /** Returns the options of a connection that must not be replaced by another without notice. */
  ClientOptions forSweeps() {
    return once(settings.connectTimeout());
  }

  /** Returns the options of a connection that waits for copies, and is not replaced either. */
  ClientOptions forCopies() {
    return once(settings.copyTimeout().plus(settings.commandTimeout()));
  }

  private ClientOptions once(Duration operations) {
    return options
        .mutate()
        .autoReconnect(false)
        .requestQueueSize(Integer.MAX_VALUE)
        .timeoutOptions(timeout(operations, settings.connectTimeout()))
        .build();
  }

  /** Returns the address of the only server, or of the primary that Sentinels know. */
  RedisURI server() {
    String sentinelMaster = settings.sentinelMaster();
    if (sentinelMaster == null) {
      return server(settings.nodes().get(0));
    }
    RedisURI.Builder builder = RedisURI.builder().withSentinelMasterId(sentinelMaster);
    for (Node node : settings.nodes()) {
      builder.withSentinel(encrypted(RedisURI.Builder.redis(node.host(), node.port())).build());
    }
    return authenticated(encrypted(builder)).build();
  }

  /** Returns the addresses of the nodes that are asked for the topology of the cluster. */
  List<RedisURI> seeds() {
    return settings.nodes().stream().map(this::server).toList();
  }

  RedisURI server(Node node) {
    return authenticated(encrypted(RedisURI.Builder.redis(node.host(), node.port()))).build();
  }

  private RedisURI.Builder encrypted(RedisURI.Builder builder) {
    TlsSettings tls = settings.tls();
    return builder
        .withSsl(tls != null)
        .withVerifyPeer(tls == null ? SslVerifyMode.NONE : tls.verifyPeer())
        .withTimeout(settings.connectTimeout());
  }

  private RedisURI.Builder authenticated(RedisURI.Builder builder) {
    builder.withDatabase(settings.database()).withClientName(settings.clientName());
    if (settings.credentials() != null) {
      builder.withAuthentication(settings.credentials());
    }
    return builder;
  }

  /**
   * Gives a connection that is being set up, or asked where the primaries are, longer, and leaves
   * those commands alone that have a deadline of their own.
   */
  private static final class Timeouts extends TimeoutSource {
    private static final Set<CommandType> CONNECTING =
        EnumSet.of(
            CommandType.HELLO,
            CommandType.CLIENT,
            CommandType.CLUSTER,
            CommandType.INFO,
            CommandType.SENTINEL);

    private static final long NONE = 0;

    private final long operationMillis;
    private final long connectMillis;

    Timeouts(long operationMillis, long connectMillis) {
      this.operationMillis = operationMillis;
      this.connectMillis = connectMillis;
    }

    @Override
    public long getTimeout(RedisCommand<?, ?, ?> command) {
      Command<?> own = CommandWrapper.unwrap(command, Command.class);
      if (own != null && own.isTimed()) {
        return NONE;
      }
      boolean connecting =
          own instanceof ProbeCommand
              || (command.getType() instanceof CommandType type && CONNECTING.contains(type));
      return connecting ? connectMillis : operationMillis;
    }
  }
}
