package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a store to its servers: sends commands over it, and has the servers tell of
 * changes. A {@link Connector} makes it.
 */
final class Link implements Origin {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  private final RedisSettings settings;
  private final Deployment deployment;
  private final StateLimit limit;
  private final StateCodec codec;
  private final ChangeListeners listeners = new ChangeListeners();
  private final Tracking tracking;
  private final Probes probes;
  private final CommandDeadlines deadlines;
  private final AtomicLong connectedNanos = new AtomicLong(System.nanoTime());
  private volatile @Nullable StatefulConnection<String, byte[]> connection;
  private volatile boolean closed;

  Link(RedisSettings settings, Deployment deployment, LettuceThreads threads) {
    this.settings = settings;
    this.deployment = deployment;
    this.limit = threads.limit();
    this.codec = new StateCodec(settings.prefix());
    this.tracking = new Tracking(settings, this, listeners, threads);
    this.probes = new Probes(settings, this, deployment);
    this.deadlines = new CommandDeadlines(settings.commandTimeout(), threads);
    deployment.whenServersChange(this::serversChanged);
  }

  /** Uses a connection from now on. */
  void use(StatefulConnection<String, byte[]> opened) {
    connection = opened;
  }

  /**
   * Returns the connection in use.
   *
   * @throws IllegalStateException if there is none
   */
  StatefulConnection<String, byte[]> connected() {
    StatefulConnection<String, byte[]> current = connection;
    if (closed || current == null) {
      throw new IllegalStateException(closed ? "closed" : "not connected yet");
    }
    return current;
  }

  /** Finds out what the nodes refuse. The stage never fails. */
  CompletionStage<List<Finding>> probe() {
    return probes.all(connected());
  }

  /** Logs what nodes refuse, unless it is known. */
  void logged(List<Finding> findings) {
    findings.forEach(probes::log);
  }

  // ---- For commands ---------------------------------------------------------------------------

  @Override
  public StateCodec codec() {
    return codec;
  }

  @Override
  public int maxStateBytes() {
    return limit.maxBytes();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public @Nullable String nodeOf(CommandArgs<String, byte[]> args) {
    ByteBuffer key = deployment.isCluster() ? args.getFirstEncodedKey() : null;
    return key == null ? null : deployment.nodeOf(key);
  }

  @Override
  public void changed(String key) {
    listeners.changed(key);
  }

  /**
   * Breaks the connection to a server that has been demoted, which would go on answering reads.
   * Lettuce then connects to where the address, or a Sentinel, points now. Once per connect timeout
   * at most, as that may be a replica, too. (A cluster's replicas redirect reads themselves.)
   */
  @Override
  public void demoted() {
    long now = System.nanoTime();
    long since = connectedNanos.get();
    if (!deployment.isCluster()
        && now - since > settings.connectTimeout().toNanos()
        && connectedNanos.compareAndSet(since, now)) {
      LOG.warn("{} is a replica: connecting again", settings.address());
      send(new Command<>(this, CommandType.QUIT, new StatusOutput<>(codec), null));
    }
  }

  // ---- Sending --------------------------------------------------------------------------------

  void send(Command<?> command) {
    try {
      StatefulConnection<String, byte[]> current = connected();
      deadlines.add(command);
      current.dispatch(command);
    } catch (RuntimeException e) {
      command.completeExceptionally(e);
    }
  }

  void send(List<? extends Command<?>> commands) {
    List<? extends Command<?>> joined =
        deployment.isCluster() || limit.isExceededLately()
            ? commands
            : MultiRead.joined(this, this::send, commands);
    try {
      StatefulConnection<String, byte[]> current = connected();
      joined.forEach(deadlines::add);
      deployment.send(current, joined);
    } catch (RuntimeException e) {
      joined.forEach(command -> command.completeExceptionally(e));
    }
  }

  /** Returns the name of the node that a key is on; null if there is only one. */
  @Nullable String nodeOf(String key) {
    return deployment.isCluster() ? deployment.nodeOf(codec.encodeKey(key)) : null;
  }

  // ---- Changes --------------------------------------------------------------------------------

  /** Tells a listener of changes from now on. */
  void watch(ChangeListener listener, Duration maxLag) {
    listeners.add(listener, maxLag);
    track();
  }

  /** Tells a listener of nothing any more. */
  void unwatch(ChangeListener listener) {
    listeners.remove(listener);
    if (!listeners.areThere()) {
      tracking.forget(Cause.DISCONNECTED);
    }
  }

  /** Lets listeners know that any key may have changed. */
  void allChanged(Cause cause) {
    listeners.allChanged(cause);
  }

  /** Has every primary that is connected tell of changes, if there is a listener. */
  void track() {
    StatefulConnection<String, byte[]> current = connection;
    if (current != null && listeners.areThere() && !closed) {
      deployment
          .primaries(current)
          .values()
          .forEach(primary -> primary.thenAccept(opened -> tracking.over(single(opened))));
      tracking.start();
    }
  }

  @SuppressWarnings("unchecked") // those to a single server are
  static StatefulRedisConnection<String, byte[]> single(
      StatefulConnection<String, byte[]> connection) {
    return (StatefulRedisConnection<String, byte[]>) connection;
  }

  /** Trusts nothing that was told before: other servers have the keys now, or some of them. */
  private void serversChanged() {
    tracking.forget(Cause.MOVED);
    track();
    probe().thenAccept(this::logged);
  }

  /** Returns what tracks over the connection to the primary of a key; null if nothing does. */
  @Nullable Tracker tracker(String key) {
    StatefulConnection<String, byte[]> current = connection;
    StatefulRedisConnection<String, byte[]> primary =
        current == null || closed ? null : deployment.primaryOf(current, codec, key);
    return primary == null ? null : tracking.over(primary);
  }

  /** Ends every command that is under way; waits for a bounded time. */
  void close() {
    closed = true;
    deployment.close();
  }
}
