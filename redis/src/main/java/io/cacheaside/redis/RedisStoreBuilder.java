package io.cacheaside.redis;

import io.cacheaside.config.Configuration;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the options of a {@link RedisStore} and connects it. Every option has a default. A wrong
 * value is refused at once, options that do not go together when the store {@linkplain #connect
 * connects}, with a message that names the option, its value and the fix, and never a password. Not
 * thread-safe.
 */
public final class RedisStoreBuilder {
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final Pattern CLIENT_NAME = Pattern.compile("[!-~]+");

  /** A batch of the engine has to fit: 500 reads, each of which is two commands if watched. */
  private static final int MIN_REQUEST_QUEUE_SIZE = 1_000;

  private @Nullable RedisUri uri;
  private @Nullable String host;
  private @Nullable Integer port;
  private List<String> nodes = List.of();
  private boolean cluster;
  private @Nullable String sentinelMaster;
  private @Nullable Integer database;
  private @Nullable String username;
  private char @Nullable [] password;
  private @Nullable Supplier<char[]> passwordSupplier;
  private @Nullable Boolean tls;
  private @Nullable SslVerifyMode verifyPeer;
  private @Nullable Path trustStore;
  private char @Nullable [] trustStorePassword;
  private @Nullable Path keyStore;
  private char @Nullable [] keyStorePassword;
  private String prefix = "cache:";
  private Duration commandTimeout = Duration.ofMillis(250);
  private Duration connectTimeout = Duration.ofSeconds(5);
  private int invalidationCopies;
  private Duration copyTimeout = Duration.ofMillis(500);
  private String clientName = "cache-aside";
  private int requestQueueSize = 10_000;
  private boolean failFast;
  private @Nullable ClientResources clientResources;

  RedisStoreBuilder() {}

  /**
   * Sets what an URI says: {@code
   * scheme://[[user]:password@]host[:port][,host[:port]...][/database]}.
   *
   * <p>The scheme says how the servers are arranged, and with a second s, that TLS is used:
   *
   * <ul>
   *   <li>{@code redis://} and {@code rediss://}: one server, port 6379
   *   <li>{@code redis-sentinel://} and {@code rediss-sentinel://}: the hosts are Sentinels, port
   *       26379; the name they know the primary by follows as {@code #name}
   *   <li>{@code redis-cluster://} and {@code rediss-cluster://}: the hosts are some of the nodes,
   *       port 6379
   * </ul>
   *
   * <p>Upper and lower case are the same in a scheme. User and password are percent-encoded; an
   * IPv6 address stands in brackets. A password alone has a colon in front of it: {@code
   * redis://name@host} is refused, because it is a user for some clients and a password for others.
   *
   * @throws IllegalArgumentException if the text is no such URI; its message shows neither user nor
   *     password
   */
  public RedisStoreBuilder uri(String uri) {
    this.uri = RedisUri.parse(Objects.requireNonNull(uri, "uri"));
    return this;
  }

  /** Sets the host of the only server or node to ask; {@code localhost} by default. */
  public RedisStoreBuilder host(String host) {
    this.host = Node.checkedHost(Objects.requireNonNull(host, "host"));
    return this;
  }

  /** Sets the port that goes with {@link #host}; 6379 by default, with Sentinel 26379. */
  public RedisStoreBuilder port(int port) {
    this.port = Node.checkedPort(port);
    return this;
  }

  /** Sets several nodes of a cluster, or Sentinels, each as {@code host:port}. */
  public RedisStoreBuilder nodes(String... nodes) {
    check(
        Objects.requireNonNull(nodes, "nodes").length > 0,
        "nodes is []; use at least one host:port");
    for (String node : nodes) {
      Node.parse(Objects.requireNonNull(node, "nodes").strip(), Topology.STANDALONE.defaultPort());
    }
    this.nodes = List.of(nodes);
    return this;
  }

  /** Sets whether the servers are a cluster; the given ones are asked for the others. */
  public RedisStoreBuilder cluster(boolean cluster) {
    this.cluster = cluster;
    return this;
  }

  /** Says that the given servers are Sentinels, and by which name they know the primary. */
  public RedisStoreBuilder sentinelMaster(String name) {
    check(
        !Objects.requireNonNull(name, "sentinelMaster").isBlank(),
        "sentinelMaster is '%s'; use the name by which the Sentinels know the primary"
            .formatted(name));
    this.sentinelMaster = name;
    return this;
  }

  /** Sets the number of the database; 0 by default, and always in a cluster. */
  public RedisStoreBuilder database(int database) {
    check(database >= 0, "database is %d; use 0 or more".formatted(database));
    this.database = database;
    return this;
  }

  /** Sets the ACL user; {@code default} by default. Sentinels are asked without authentication. */
  public RedisStoreBuilder username(String username) {
    this.username = Objects.requireNonNull(username, "username");
    return this;
  }

  /** Sets the password, for programs that have it as text. */
  public RedisStoreBuilder password(String password) {
    return password(Objects.requireNonNull(password, "password").toCharArray());
  }

  /** Sets the password; copies it. */
  public RedisStoreBuilder password(char[] password) {
    this.password = Objects.requireNonNull(password, "password").clone();
    this.passwordSupplier = null;
    return this;
  }

  /**
   * Sets where to get the password, for every connection anew. It may block, as it is called on a
   * thread of its own; what it throws makes the attempt to connect fail.
   */
  public RedisStoreBuilder password(Supplier<char[]> password) {
    this.passwordSupplier = Objects.requireNonNull(password, "password");
    this.password = null;
    return this;
  }

  /**
   * Sets whether connections are encrypted; by default they are not. It cannot be switched off for
   * an URI whose scheme says that they are.
   */
  public RedisStoreBuilder tls(boolean tls) {
    this.tls = tls;
    return this;
  }

  /**
   * Sets what is checked about a server's certificate: by default that it is trusted and for that
   * host ({@code FULL}); only that it is trusted ({@code CA}); or nothing ({@code NONE}), which
   * gives no protection against somebody in between.
   */
  public RedisStoreBuilder verifyPeer(SslVerifyMode verifyPeer) {
    this.verifyPeer = Objects.requireNonNull(verifyPeer, "verifyPeer");
    return this;
  }

  /** Sets a file with the certificates to trust, PEM, PKCS #12 or JKS, instead of the JDK's. */
  public RedisStoreBuilder trustStore(Path file) {
    this.trustStore = Objects.requireNonNull(file, "trustStore");
    return this;
  }

  /** Sets the password of the trust store; copies it. */
  public RedisStoreBuilder trustStorePassword(char[] password) {
    this.trustStorePassword = Objects.requireNonNull(password, "trustStorePassword").clone();
    return this;
  }

  /**
   * Sets a file with the certificate of the client and its private key: PKCS #12, JKS, or PEM with
   * both in one file, the key as PKCS #8.
   */
  public RedisStoreBuilder keyStore(Path file) {
    this.keyStore = Objects.requireNonNull(file, "keyStore");
    return this;
  }

  /** Sets the password of the key store; copies it. */
  public RedisStoreBuilder keyStorePassword(char[] password) {
    this.keyStorePassword = Objects.requireNonNull(password, "keyStorePassword").clone();
    return this;
  }

  /** Sets what every key begins with on the server; {@code cache:} by default. */
  public RedisStoreBuilder prefix(String prefix) {
    check(
        StandardCharsets.UTF_8.newEncoder().canEncode(Objects.requireNonNull(prefix, "prefix")),
        "prefix is '%s'; use text without half a surrogate pair".formatted(prefix));
    this.prefix = prefix;
    return this;
  }

  /**
   * Sets how long a command may take; 250 ms by default. The clock adds up to 40 ms, with
   * {@linkplain #clientResources shared} resources up to twice the resolution of their timer.
   */
  public RedisStoreBuilder commandTimeout(Duration timeout) {
    this.commandTimeout = checkedTimeout("commandTimeout", timeout);
    return this;
  }

  /** Sets how long connecting, TLS and authentication included, may take; 5 s by default. */
  public RedisStoreBuilder connectTimeout(Duration timeout) {
    this.connectTimeout = checkedTimeout("connectTimeout", timeout);
    return this;
  }

  /**
   * Sets how many replicas must have an invalidation before it counts as done; 0 by default: the
   * primary alone. With fewer replicas at hand, invalidations fail. It bounds what a failover can
   * lose: a replica that has acknowledged has the invalidation when it becomes the primary.
   *
   * @see <a href="https://redis.io/docs/latest/commands/wait/">WAIT</a>
   */
  public RedisStoreBuilder invalidationCopies(int replicas) {
    check(replicas >= 0, "invalidationCopies is %d; use 0 or more".formatted(replicas));
    this.invalidationCopies = replicas;
    return this;
  }

  /** Sets how long to wait for the {@link #invalidationCopies}; 500 ms by default. */
  public RedisStoreBuilder copyTimeout(Duration timeout) {
    this.copyTimeout = checkedTimeout("copyTimeout", timeout);
    return this;
  }

  /** Sets the name shown by {@code CLIENT LIST}; {@code cache-aside} by default. */
  public RedisStoreBuilder clientName(String name) {
    check(
        CLIENT_NAME.matcher(Objects.requireNonNull(name, "clientName")).matches(),
        "clientName is '%s'; use printable ASCII without spaces".formatted(name));
    this.clientName = name;
    return this;
  }

  /**
   * Sets how many commands may wait for an answer on one connection, also those that have timed out
   * meanwhile; 10,000 by default, and at least 1,000, as a batch may have as many and fails as a
   * whole. More fail with {@code OVERLOADED}.
   */
  public RedisStoreBuilder requestQueueSize(int commands) {
    check(
        commands >= MIN_REQUEST_QUEUE_SIZE,
        "requestQueueSize is %d; use %d or more".formatted(commands, MIN_REQUEST_QUEUE_SIZE));
    this.requestQueueSize = commands;
    return this;
  }

  /**
   * Makes {@link #connect} fail if the server cannot be reached, or refuses to store anything: out
   * of memory, a replica. Otherwise it returns a store whose operations fail until they can
   * succeed.
   */
  public RedisStoreBuilder failFast() {
    this.failFast = true;
    return this;
  }

  /**
   * Sets the threads to use, which the application shares and goes on owning. By default a store
   * has 2 to 4 I/O threads and 3 others of its own.
   */
  public RedisStoreBuilder clientResources(ClientResources resources) {
    this.clientResources = Objects.requireNonNull(resources, "clientResources");
    return this;
  }

  /**
   * Sets what a configuration says below {@code cache-aside.redis}: each option of this builder
   * under its own name, such as {@code command-timeout}, except the client resources; {@code nodes}
   * are separated by commas. If the configuration and a method set the same option, the later call
   * wins.
   *
   * @throws IllegalArgumentException with the name of the property and the fix, if a value is wrong
   *     or an option unknown; some options may have been set then
   */
  public RedisStoreBuilder configuration(Configuration configuration) {
    Objects.requireNonNull(configuration, "configuration")
        .store("redis")
        .secret("uri", text -> uri(new String(text)))
        .string("host", this::host)
        .integer("port", this::port)
        .string("nodes", text -> nodes(text.split(",")))
        .bool("cluster", this::cluster)
        .string("sentinel-master", this::sentinelMaster)
        .integer("database", this::database)
        .string("username", this::username)
        .secret("password", this::password)
        .bool("tls", this::tls)
        .choice("verify-peer", SslVerifyMode.class, this::verifyPeer)
        .string("trust-store", file -> trustStore(Path.of(file)))
        .secret("trust-store-password", this::trustStorePassword)
        .string("key-store", file -> keyStore(Path.of(file)))
        .secret("key-store-password", this::keyStorePassword)
        .string("prefix", this::prefix)
        .duration("command-timeout", this::commandTimeout)
        .duration("connect-timeout", this::connectTimeout)
        .integer("invalidation-copies", this::invalidationCopies)
        .duration("copy-timeout", this::copyTimeout)
        .string("client-name", this::clientName)
        .integer("request-queue-size", this::requestQueueSize)
        .bool("fail-fast", value -> failFast = value)
        .finish();
    return this;
  }

  /**
   * Connects. Blocks up to the connect timeout.
   *
   * <p>If the server cannot be reached now (unknown host, connection refused, no answer, loading),
   * the store is returned all the same, unless {@linkplain #failFast told otherwise}: its
   * operations fail with {@code DISCONNECTED} until it has connected in the background.
   *
   * @throws IllegalArgumentException if options do not go together, or a file for TLS cannot be
   *     used
   *     <p>Tries on every primary, in one round trip that changes nothing, the commands that reads
   *     and fills need. A missing permission is refused here. If it turns up later, when the store
   *     connects in the background or again, it is logged once, and what is permitted works. So is
   *     a server that refuses to store anything.
   * @throws RedisConnectException if waiting would not help: the credentials are refused, the user
   *     lacks {@linkplain RedisStore permissions}, TLS fails, the server is too old or not of the
   *     kind the options say, or the Lettuce or Netty of the application does not fit
   */
  public RedisStore connect() {
    ClientVersions libraries = ClientVersions.found();
    libraries.check();
    try {
      return new RedisStore(settings()).open();
    } catch (LinkageError e) {
      throw libraries.unfit(e);
    }
  }

  private static Duration checkedTimeout(String property, Duration timeout) {
    Objects.requireNonNull(timeout, property);
    check(
        timeout.compareTo(MIN_TIMEOUT) >= 0 && timeout.compareTo(MAX_TIMEOUT) <= 0,
        "%s is %s; use 1 ms to %d h"
            .formatted(property, RedisSettings.shown(timeout), MAX_TIMEOUT.toHours()));
    return timeout;
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  RedisSettings settings() {
    RedisUri from = uri == null ? RedisUri.NOTHING : uri;
    String sentinel = sentinelMaster == null ? from.sentinelMaster() : sentinelMaster;
    Topology topology = topology(from, sentinel);
    return new RedisSettings(
        topology,
        nodes(topology),
        sentinel,
        database != null ? database : from.database(),
        username != null ? username : from.username(),
        credentials(from),
        tlsSettings(from),
        prefix,
        commandTimeout,
        connectTimeout,
        invalidationCopies,
        copyTimeout,
        clientName,
        requestQueueSize,
        failFast,
        clientResources);
  }

  private Topology topology(RedisUri from, @Nullable String sentinel) {
    if (cluster || from.topology() == Topology.CLUSTER) {
      return Topology.CLUSTER;
    }
    return sentinel == null ? from.topology() : Topology.SENTINEL;
  }

  private List<Node> nodes(Topology topology) {
    boolean single = host != null || port != null;
    if (Stream.of(uri != null, single, !nodes.isEmpty()).filter(given -> given).count() > 1) {
      throw new IllegalArgumentException(
          "uri is %s, host is %s, port is %s, nodes is %s; use an uri, or host and port, or nodes"
              .formatted(uri, host, port, nodes));
    }
    if (uri != null) {
      return uri.nodes();
    }
    int defaultPort = topology.defaultPort();
    if (!nodes.isEmpty()) {
      return nodes.stream().map(node -> Node.parse(node.strip(), defaultPort)).toList();
    }
    return List.of(new Node(host == null ? "localhost" : host, port == null ? defaultPort : port));
  }

  private @Nullable RedisCredentialsProvider credentials(RedisUri from) {
    String user = username != null ? username : from.username();
    if (passwordSupplier != null) {
      return Credentials.supplied(user, passwordSupplier);
    }
    char[] fixed = password != null ? password : from.password();
    return fixed == null ? null : Credentials.fixed(user, fixed);
  }

  private @Nullable TlsSettings tlsSettings(RedisUri from) {
    if (tls != null ? tls : from.tls()) {
      return new TlsSettings(
          verifyPeer == null ? SslVerifyMode.FULL : verifyPeer,
          trustStore,
          trustStorePassword,
          keyStore,
          keyStorePassword);
    }
    if (from.tls()) {
      throw new IllegalArgumentException(
          "uri is %s, tls is false; drop tls(false), or use the scheme without the second s"
              .formatted(from));
    }
    if (trustStore != null || keyStore != null || verifyPeer != null) {
      throw new IllegalArgumentException(
          "trustStore is %s, keyStore is %s, verifyPeer is %s, tls is false; use them with tls(true)"
              .formatted(trustStore, keyStore, verifyPeer));
    }
    return null;
  }
}
