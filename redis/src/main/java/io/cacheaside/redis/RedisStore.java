package io.cacheaside.redis;

import io.cacheaside.config.PropertyReader;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.output.BooleanOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.VoidOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandKeyword;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store on Redis 7.0, Valkey 7.2, or newer: one server, a primary behind Sentinel, or a Cluster.
 *
 * <pre>{@code
 * try (RedisStore store = RedisStore.connect("redis://localhost:6379")) {
 *   ...
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe. All threads share one connection to each primary. Only {@link
 * Builder#connect}, {@link #connect} and {@link #close} block. Stages complete on Lettuce's
 * threads, which are daemons.
 *
 * <p><b>Reads</b> and writes go to the primary of a key. A server that is not in a cluster and
 * refuses to write because it has become a replica is left: the store connects again to where the
 * address, or a Sentinel, points then. Until it is asked to write, its reads are still answered.
 *
 * <p><b>Time.</b> A command fails with {@code TIMED_OUT} after the {@linkplain
 * Builder#commandTimeout command timeout}; a read that has to be sent once more, because its slot
 * has moved or one of many keys has another type, after twice that. {@link #removeMatching} takes
 * up to ten minutes.
 *
 * <p><b>Connection loss.</b> While there is no connection, commands fail at once with {@code
 * DISCONNECTED}. What was under way when a connection broke fails with {@code INTERRUPTED}; nothing
 * is ever sent again, so that a swap cannot happen twice. Reconnecting is tried after at most a
 * second; a node of a cluster that has never been reached is connected to because of a command,
 * which fails. A connection on which nothing is heard for the {@linkplain Builder#connectTimeout
 * connect timeout} although commands wait is given up. Error answers, such as those of a server
 * that loads its data, of a replica or for lack of memory, fail with {@code REFUSED}.
 *
 * <p>A time to live below one millisecond or above {@link Store#MAX_TTL} is an {@link
 * IllegalArgumentException}.
 *
 * <p><b>Permissions.</b> A user needs the keys below the prefix and {@code +getrange +mget +exists
 * +set +setrange +pttl +pexpire +unlink +eval +ping}; to be told of changes {@code +client|tracking
 * +client|caching +role}; for {@link #removeMatching} {@code +scan +info}; for {@link
 * Builder#invalidationCopies} {@code +wait}; in a cluster {@code +info +cluster|nodes +asking}; for
 * a database other than 0 {@code +select}.
 *
 * @see <a href="https://redis.io/docs/latest/commands/">Redis commands</a>
 */
public final class RedisStore implements Store {
  private static final Duration MIN_TTL = Duration.ofMillis(1);
  private static final Duration MIN_LAG = Duration.ofMillis(10);
  private static final Duration MAX_LAG = Duration.ofHours(1);
  private static final byte[] KEEPTTL = "KEEPTTL".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PX = "PX".getBytes(StandardCharsets.US_ASCII);
  private static final long NO_EXPIRY = -1;
  private static final long NO_KEY = -2;

  private final RedisSettings settings;
  private final LettuceThreads threads;
  private final Link link;
  private final Sweeps sweeps;
  private final @Nullable Copies copies;
  private final AtomicBoolean closed = new AtomicBoolean();

  @SuppressWarnings("ThreadLocalUsage") // a batch is one store's
  private final ThreadLocal<@Nullable List<Operation<?>>> batch = new ThreadLocal<>();

  private RedisStore(RedisSettings settings) {
    this.settings = settings;
    LettuceOptions options = new LettuceOptions(settings);
    threads = new LettuceThreads(settings);
    try {
      Deployment deployment =
          settings.topology() == Topology.CLUSTER
              ? new ClusterDeployment(options, threads.forOperations())
              : new SingleDeployment(options, threads.forOperations());
      link = new Link(settings, deployment, threads);
      sweeps = new Sweeps(link, deployment, threads, options);
      copies =
          settings.invalidationCopies() == 0
              ? null
              : new Copies(settings, link, deployment, threads, options);
    } catch (Throwable thrown) {
      threads.close();
      throw thrown;
    }
  }

  /**
   * Connects to the servers an URI names, see {@link Builder#uri}, with defaults for everything
   * else.
   *
   * @throws IllegalArgumentException if the URI is not one
   * @throws RedisConnectException as {@link Builder#connect} says
   */
  public static RedisStore connect(String uri) {
    return builder().uri(uri).connect();
  }

  /** Returns a builder with defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return send(StateOperation.plainRead(link, key));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes is " + maxBytes + ", must be positive");
    }
    return timed(remaining(key), StateOperation.head(link, key, maxBytes));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads ask for one byte more than that at most. If a longer string arrives in another way, as
   * in the answer for many keys, the connection is given up; for a minute then every key is read
   * with a command of its own.
   */
  @Override
  public void acceptStatesUpTo(int maxBytes) {
    link.limit().accept(maxBytes);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Two more commands than {@link #read}, in the same flush. A key that has just been moved to
   * another node is read and not watched.
   */
  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    Tracker tracker = link.tracker(key);
    Feed feed = tracker == null ? null : tracker.feed();
    if (tracker == null || feed == null) {
      return unwatched(key);
    }
    Operation<Long> remaining = remaining(key).pinnedTo(tracker.connection());
    StateOperation state = StateOperation.watched(link, key);
    state.pinnedTo(tracker.connection());
    CompletableFuture<@Nullable WatchedState> result = new CompletableFuture<>();
    timed(remaining, state)
        .whenComplete(
            (found, failure) -> {
              if (failure == null) {
                Feed told = state.willBeTold() ? feed : null;
                result.complete(found == null ? null : watched(found, told));
              } else if (remaining.isRedirected() || state.isRedirected()) {
                unwatched(key).whenComplete((again, e) -> complete(result, again, e));
              } else {
                result.completeExceptionally(failure);
              }
            });
    return result;
  }

  private CompletionStage<@Nullable WatchedState> unwatched(String key) {
    return readTimed(key, Integer.MAX_VALUE)
        .thenApply(found -> found == null ? null : watched(found, null));
  }

  private static WatchedState watched(TimedState found, @Nullable Feed feed) {
    return new WatchedState(found.bytes(), found.remaining(), feed);
  }

  private static <T extends @Nullable Object> void complete(
      CompletableFuture<T> result, T value, @Nullable Throwable failure) {
    if (failure == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(Failures.unwrapped(failure));
    }
  }

  private Operation<Long> remaining(String key) {
    return new Operation<>(link, CommandType.PTTL, new IntegerOutput<>(link.codec()), args(key));
  }

  /**
   * Sends both. The time comes first: a state that replaces another in between then looks older
   * than it is. The other way round, an old one could look as young as its successor.
   */
  private CompletionStage<@Nullable TimedState> timed(
      Operation<Long> remaining, Operation<byte @Nullable []> state) {
    send(List.of(remaining, state));
    CompletableFuture<@Nullable TimedState> result = new CompletableFuture<>();
    remaining.stage().whenComplete((millis, failure) -> fail(result, failure));
    state
        .stage()
        .whenComplete(
            (bytes, failure) -> {
              fail(result, failure);
              remaining.stage().thenAccept(millis -> result.complete(timedState(bytes, millis)));
            });
    return result;
  }

  private static void fail(CompletableFuture<?> result, @Nullable Throwable failure) {
    if (failure != null) {
      result.completeExceptionally(failure);
    }
  }

  /**
   * Puts both answers together. GETRANGE answers with no bytes for a key that is not there, too. A
   * state that came after PTTL found none has no time left as far as is known.
   */
  private static @Nullable TimedState timedState(byte @Nullable [] bytes, long millis) {
    if (bytes == null || (bytes.length == 0 && millis == NO_KEY)) {
      return null;
    }
    return new TimedState(
        bytes, millis == NO_EXPIRY ? null : Duration.ofMillis(Math.max(0, millis)));
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    CommandArgs<String, byte[]> args =
        args(key).add(state).add(CommandKeyword.NX).add(CommandType.GET).add(PX).add(millis(ttl));
    return send(new StateOperation(link, CommandType.SET, args).changing(key));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    CommandArgs<String, byte[]> args = args(key).add(state).add(PX).add(millis(ttl));
    return send(
        new Operation<>(link, CommandType.SET, new VoidOutput<>(link.codec()), args).changing(key));
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return send(
        ttl == null
            ? Script.SWAP.call(link, key, stamp, state, KEEPTTL)
            : Script.SWAP.call(link, key, stamp, state, PX, argument(ttl)));
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    byte[] expected = stamp == null ? Script.NO_STAMP : stamp;
    return send(Script.SWAP_EVEN_IF_FULL.call(link, key, expected, state, argument(ttl)));
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return send(
        ttl == null
            ? Script.SWAP_HEAD.call(link, key, stamp, head)
            : Script.SWAP_HEAD.call(link, key, stamp, head, argument(ttl)));
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return send(Script.REMOVE.call(link, key, stamp));
  }

  private static byte[] argument(Duration ttl) {
    return Long.toString(millis(ttl)).getBytes(StandardCharsets.US_ASCII);
  }

  private static long millis(Duration ttl) {
    if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          "ttl is %d s; use 1 ms to Store.MAX_TTL".formatted(ttl.toSeconds()));
    }
    return ttl.toMillis();
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return send(
        new Operation<>(link, CommandType.UNLINK, new BooleanOutput<>(link.codec()), args(key))
            .changing(key));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Scans every primary over a connection of its own, 128 keys at a time. Begins again, up to
   * ten passes in all, if a connection breaks, a server restarts or is demoted, or a cluster's
   * slots move; a cluster that is being resharded all the while makes it fail.
   */
  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    sweeps
        .remove(settings.prefix() + prefix, glob)
        .whenComplete(
            (count, failure) -> {
              link.listeners().allChanged(Cause.REMOVED_BY_PATTERN);
              complete(result, count, failure);
            });
    return result;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Nothing is sent before {@code operations} returns: it must not wait for what it asks for.
   * Except in a cluster, 8 to 100 {@linkplain #read reads} that follow each other are one EXISTS
   * and one MGET.
   */
  @Override
  public void batch(Runnable operations) {
    if (batch.get() != null) {
      operations.run();
      return;
    }
    List<Operation<?>> collected = new ArrayList<>();
    batch.set(collected);
    try {
      operations.run();
    } finally {
      batch.remove();
      link.send(collected);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Waits for {@link Builder#invalidationCopies} replicas of each primary that owns one of the
   * keys, over a connection to it for that purpose, which the first call opens. Calls that meet
   * share a wait, so this may take up to twice the {@link Builder#copyTimeout} and the {@linkplain
   * Builder#commandTimeout command timeout}, and the time to connect. Does nothing unless copies
   * are asked for.
   *
   * <p>Also fails with {@code REFUSED} if a primary has been replaced, or a slot of a key has been
   * moved or is being moved; the next call asks the new one.
   */
  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    return copies == null ? Store.super.awaitCopies(keys) : copies.await(keys);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Servers are asked to tell with <a
   * href="https://redis.io/docs/latest/commands/client-tracking/">CLIENT TRACKING</a> on the
   * connections that operations travel on. With a {@code maxLag}, each is asked for its ROLE four
   * times within the shortest of all listeners.
   *
   * @param maxLag zero, or from 10 ms to 1 h
   * @throws IllegalArgumentException if {@code maxLag} is something else
   */
  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    if (!maxLag.isZero() && (maxLag.compareTo(MIN_LAG) < 0 || maxLag.compareTo(MAX_LAG) > 0)) {
      throw new IllegalArgumentException(
          "maxLag is %s; use 0 s, or 10 ms to 1 h".formatted(RedisSettings.shown(maxLag)));
    }
    link.listeners().add(listener, maxLag);
    link.track();
    return true;
  }

  @Override
  public void unwatch(ChangeListener listener) {
    link.listeners().remove(listener);
    link.untrack();
  }

  /** {@inheritDoc} Nodes of a cluster are named by host and port. */
  @Override
  public @Nullable String nodeOf(String key) {
    return link.nodeOf(key);
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return link.ping(node);
  }

  /** Makes one round trip to the primary, in a cluster to every one. */
  @Override
  public CompletionStage<@Nullable Void> ping() {
    return link.ping();
  }

  private CommandArgs<String, byte[]> args(String key) {
    return new CommandArgs<>(link.codec()).addKey(key);
  }

  private <T extends @Nullable Object> CompletionStage<T> send(Operation<T> operation) {
    List<Operation<?>> collected = batch.get();
    if (collected == null) {
      link.send(operation);
    } else {
      collected.add(operation);
    }
    return operation.stage();
  }

  private void send(List<Operation<?>> operations) {
    List<Operation<?>> collected = batch.get();
    if (collected == null) {
      link.send(operations);
    } else {
      collected.addAll(operations);
    }
  }

  /**
   * Closes the connections and ends the threads, unless they are {@linkplain
   * Builder#clientResources shared}; operations under way fail with {@code INTERRUPTED}, as they
   * may have taken effect, later ones with {@code CLOSED}. Blocks for up to some seconds, usually a
   * few milliseconds.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      link.close();
      sweeps.close();
      if (copies != null) {
        copies.close();
      }
      threads.close();
    }
  }

  /** Names the servers and the prefix; shows no credentials. */
  @Override
  public String toString() {
    return settings.toString();
  }

  private RedisStore open() {
    try {
      link.open();
      return this;
    } catch (Throwable e) {
      closeAfter(e);
      throw e;
    }
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (Throwable further) {
      if (further != failure) {
        failure.addSuppressed(further);
      }
    }
  }

  /**
   * The options of a store, checked when it {@linkplain #connect connects}.
   *
   * <p>Messages name the option, its value and the fix, and never a password.
   */
  public static final class Builder {
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

    private Builder() {}

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
     *   <li>{@code redis-cluster://} and {@code rediss-cluster://}: the hosts are some of the
     *       nodes, port 6379
     * </ul>
     *
     * <p>Percent-encoding is decoded in user and password; an IPv6 address stands in brackets. A
     * password alone has a colon in front of it, because clients differ on what {@code
     * redis://name@host} means.
     *
     * @throws IllegalArgumentException if the text is no such URI
     */
    public Builder uri(String uri) {
      this.uri = RedisUri.parse(Objects.requireNonNull(uri, "uri"));
      return this;
    }

    /** Sets the host of the only server or node to ask; {@code localhost} by default. */
    public Builder host(String host) {
      this.host = Objects.requireNonNull(host, "host");
      return this;
    }

    /** Sets the port that goes with {@link #host}; 6379 by default, with Sentinel 26379. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** Sets several nodes of a cluster, or Sentinels, each as {@code host:port}. */
    public Builder nodes(String... nodes) {
      this.nodes = List.of(Objects.requireNonNull(nodes, "nodes"));
      return this;
    }

    /** Sets whether the servers are a cluster; the given ones are asked for the others. */
    public Builder cluster(boolean cluster) {
      this.cluster = cluster;
      return this;
    }

    /** Says that the given servers are Sentinels, and by which name they know the primary. */
    public Builder sentinelMaster(String name) {
      this.sentinelMaster = Objects.requireNonNull(name, "sentinelMaster");
      return this;
    }

    /** Sets the number of the database; 0 by default, and always in a cluster. */
    public Builder database(int database) {
      this.database = database;
      return this;
    }

    /**
     * Sets the ACL user; {@code default} by default. Sentinels are asked without authentication.
     */
    public Builder username(String username) {
      this.username = Objects.requireNonNull(username, "username");
      return this;
    }

    /** Sets the password; copies it. */
    public Builder password(char[] password) {
      this.password = Objects.requireNonNull(password, "password").clone();
      this.passwordSupplier = null;
      return this;
    }

    /**
     * Sets where to get the password, for every connection anew. It may block, as it is called on a
     * thread of its own; what it throws makes the attempt to connect fail.
     */
    public Builder password(Supplier<char[]> password) {
      this.passwordSupplier = Objects.requireNonNull(password, "password");
      this.password = null;
      return this;
    }

    /**
     * Sets whether connections are encrypted; by default they are not. It cannot be switched off
     * for an URI whose scheme says that they are.
     */
    public Builder tls(boolean tls) {
      this.tls = tls;
      return this;
    }

    /**
     * Sets what is checked about a server's certificate: by default that it is trusted and for that
     * host ({@code FULL}); only that it is trusted ({@code CA}); or nothing ({@code NONE}), which
     * gives no protection against somebody in between.
     */
    public Builder verifyPeer(SslVerifyMode verifyPeer) {
      this.verifyPeer = Objects.requireNonNull(verifyPeer, "verifyPeer");
      return this;
    }

    /** Sets a file with the certificates to trust, PEM, PKCS #12 or JKS, instead of the JDK's. */
    public Builder trustStore(Path file) {
      this.trustStore = Objects.requireNonNull(file, "trustStore");
      return this;
    }

    /** Sets the password of the trust store; copies it. */
    public Builder trustStorePassword(char[] password) {
      this.trustStorePassword = Objects.requireNonNull(password, "trustStorePassword").clone();
      return this;
    }

    /**
     * Sets a file with the certificate of the client and its private key: PKCS #12, JKS, or PEM
     * with both in one file, the key as PKCS #8.
     */
    public Builder keyStore(Path file) {
      this.keyStore = Objects.requireNonNull(file, "keyStore");
      return this;
    }

    /** Sets the password of the key store; copies it. */
    public Builder keyStorePassword(char[] password) {
      this.keyStorePassword = Objects.requireNonNull(password, "keyStorePassword").clone();
      return this;
    }

    /** Sets what every key begins with on the server; {@code cache:} by default. */
    public Builder prefix(String prefix) {
      this.prefix = Objects.requireNonNull(prefix, "prefix");
      return this;
    }

    /**
     * Sets how long a command may take; 250 ms by default. The clock adds up to 40 ms, with
     * {@linkplain #clientResources shared} resources up to twice the resolution of their timer.
     */
    public Builder commandTimeout(Duration timeout) {
      this.commandTimeout = Objects.requireNonNull(timeout, "commandTimeout");
      return this;
    }

    /** Sets how long connecting, TLS and authentication included, may take; 5 s by default. */
    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = Objects.requireNonNull(timeout, "connectTimeout");
      return this;
    }

    /**
     * Sets how many replicas must have an invalidation before it counts as done; 0 by default: the
     * primary alone. With fewer replicas at hand, invalidations fail. It bounds what a failover can
     * lose: a replica that has acknowledged has the invalidation when it becomes the primary.
     *
     * @see <a href="https://redis.io/docs/latest/commands/wait/">WAIT</a>
     */
    public Builder invalidationCopies(int replicas) {
      this.invalidationCopies = replicas;
      return this;
    }

    /** Sets how long to wait for the {@link #invalidationCopies}; 500 ms by default. */
    public Builder copyTimeout(Duration timeout) {
      this.copyTimeout = Objects.requireNonNull(timeout, "copyTimeout");
      return this;
    }

    /** Sets the name shown by {@code CLIENT LIST}; {@code cache-aside} by default. */
    public Builder clientName(String name) {
      this.clientName = Objects.requireNonNull(name, "clientName");
      return this;
    }

    /**
     * Sets how many commands may wait for an answer on one connection, also those that have timed
     * out meanwhile; 10,000 by default, and at least 1,000, as a batch may have as many and fails
     * as a whole. More fail with {@code OVERLOADED}.
     */
    public Builder requestQueueSize(int commands) {
      this.requestQueueSize = commands;
      return this;
    }

    /**
     * Makes {@link #connect} fail if the server cannot be reached. Otherwise it returns a store
     * whose operations fail until it can.
     */
    public Builder failFast() {
      this.failFast = true;
      return this;
    }

    /**
     * Sets the threads to use, which the application shares and goes on owning. By default a store
     * has 2 to 4 I/O threads and 3 others of its own.
     */
    public Builder clientResources(ClientResources resources) {
      this.clientResources = Objects.requireNonNull(resources, "clientResources");
      return this;
    }

    /**
     * Sets what properties below {@code cache-aside.redis} say, see {@link PropertyReader}: each
     * option of this builder under its own name, such as {@code command-timeout}, except the client
     * resources; {@code nodes} are separated by commas.
     *
     * @throws IllegalArgumentException if there is an unknown option or a value cannot be read
     */
    public Builder properties(Map<String, String> properties) {
      PropertyReader.of(Objects.requireNonNull(properties, "properties"), "cache-aside.redis")
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
     * <p>If the server cannot be reached now (unknown host, connection refused, no answer,
     * loading), the store is returned all the same, unless {@linkplain #failFast told otherwise}:
     * its operations fail with {@code DISCONNECTED} until it has connected in the background.
     *
     * @throws IllegalArgumentException if an option is wrong, or a file for TLS cannot be used
     * @throws RedisConnectException if waiting would not help: the credentials are refused, TLS
     *     fails, the server is too old or not of the kind the options say, or the Lettuce or Netty
     *     of the application does not fit
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
            "uri = %s, host = %s, port = %s, nodes = %s: give an uri, or host and port, or nodes"
                .formatted(uri, host, port, nodes));
      }
      if (uri != null) {
        return uri.nodes();
      }
      int defaultPort = topology.defaultPort();
      if (!nodes.isEmpty()) {
        return nodes.stream().map(node -> Node.parse(node.strip(), defaultPort)).toList();
      }
      return List.of(
          new Node(host == null ? "localhost" : host, port == null ? defaultPort : port));
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
            "uri = %s, tls = false: drop tls = false, or use the scheme without the second s"
                .formatted(from));
      }
      if (trustStore != null || keyStore != null || verifyPeer != null) {
        throw new IllegalArgumentException(
            "tls = false: set it for trustStore = %s, keyStore = %s, verifyPeer = %s to be used"
                .formatted(trustStore, keyStore, verifyPeer));
      }
      return null;
    }
  }
}
