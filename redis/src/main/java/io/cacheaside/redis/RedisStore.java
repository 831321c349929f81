package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import io.lettuce.core.output.BooleanOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.VoidOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandKeyword;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * RedisStoreBuilder#connect}, {@link #connect} and {@link #close} block. Stages complete on
 * Lettuce's threads, which are daemons.
 *
 * <p><b>Reads</b> and writes go to the primary of a key. A server that is not in a cluster and
 * refuses to write because it has become a replica is left: the store connects again to where the
 * address, or a Sentinel, points then. Until it is asked to write, its reads are still answered.
 *
 * <p><b>Time.</b> A command fails with {@code TIMED_OUT} after the {@linkplain
 * RedisStoreBuilder#commandTimeout command timeout}; a read that has to be sent once more, because
 * its slot has moved or one of many keys has another type, after twice that. {@link
 * #removeMatching} takes up to ten minutes.
 *
 * <p><b>Connection loss.</b> While there is no connection, commands fail at once with {@code
 * DISCONNECTED}. What was under way when a connection broke fails with {@code INTERRUPTED}; nothing
 * is ever sent again, so that a swap cannot happen twice. Reconnecting is tried after at most a
 * second; a node of a cluster that has never been reached is connected to because of a command,
 * which fails. A connection on which nothing is heard for the {@linkplain
 * RedisStoreBuilder#connectTimeout connect timeout} although commands wait is given up. Error
 * answers, such as those of a server that loads its data, of a replica or for lack of memory, fail
 * with {@code REFUSED}.
 *
 * <p>A time to live below one millisecond or above {@link Store#MAX_TTL} is an {@link
 * IllegalArgumentException}.
 *
 * <p><b>Permissions,</b> which connecting tries: a user needs the keys below the prefix and {@code
 * +getrange +mget +exists +set +setrange +pttl +pexpire +unlink +eval +ping}; to be told of changes
 * {@code +client|tracking +client|caching +role}; for {@link #removeMatching} {@code +scan +info};
 * for {@link RedisStoreBuilder#invalidationCopies} {@code +wait}; in a cluster {@code +info
 * +cluster|nodes +asking}; for a database other than 0 {@code +select}.
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
  private final Connector connector;
  private final Pings pings;
  private final PatternRemovals removals;
  private final @Nullable Copies copies;
  private final AtomicBoolean closed = new AtomicBoolean();

  @SuppressWarnings("ThreadLocalUsage") // a batch is one store's
  private final ThreadLocal<@Nullable List<Command<?>>> batch = new ThreadLocal<>();

  RedisStore(RedisSettings settings) {
    this.settings = settings;
    LettuceOptions options = new LettuceOptions(settings);
    threads = new LettuceThreads(settings);
    try {
      Deployment deployment =
          settings.topology() == Topology.CLUSTER
              ? new ClusterDeployment(options, threads.forOperations())
              : new SingleDeployment(options, threads.forOperations());
      link = new Link(settings, deployment, threads);
      connector = new Connector(settings, deployment, threads, link);
      pings = new Pings(deployment, link);
      removals = new PatternRemovals(new SweepClient(link, deployment, threads, options));
      copies =
          settings.invalidationCopies() == 0
              ? null
              : new Copies(
                  settings, link, deployment, new CopyClient(settings, link, threads, options));
    } catch (Throwable thrown) {
      threads.close();
      throw thrown;
    }
  }

  /**
   * Connects to the servers an URI names, see {@link RedisStoreBuilder#uri}, with defaults for
   * everything else.
   *
   * @throws IllegalArgumentException if the URI is not one
   * @throws RedisConnectException as {@link RedisStoreBuilder#connect} says
   */
  public static RedisStore connect(String uri) {
    return builder().uri(uri).connect();
  }

  /** Returns a builder with defaults. */
  public static RedisStoreBuilder builder() {
    return new RedisStoreBuilder();
  }

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return send(StateCommand.plainRead(link, key));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes is " + maxBytes + ", must be positive");
    }
    return timed(remaining(key), StateCommand.head(link, key, maxBytes));
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
    threads.limit().accept(maxBytes);
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
    TrackedFeed feed = tracker == null ? null : tracker.feed();
    if (tracker == null || feed == null) {
      return unwatched(key);
    }
    Command<Long> remaining = remaining(key).pinnedTo(tracker.connection());
    StateCommand state = StateCommand.watched(link, key);
    state.pinnedTo(tracker.connection());
    CompletableFuture<@Nullable WatchedState> result = new CompletableFuture<>();
    timed(remaining, state)
        .whenComplete(
            (found, failure) -> {
              if (failure == null) {
                TrackedFeed told = state.willBeTold() ? feed : null;
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

  private static WatchedState watched(TimedState found, @Nullable TrackedFeed feed) {
    return new WatchedState(found.bytes(), found.remaining(), feed);
  }

  private static <T extends @Nullable Object> void complete(
      CompletableFuture<T> result, T value, @Nullable Throwable failure) {
    if (failure == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(Stages.unwrapped(failure));
    }
  }

  private Command<Long> remaining(String key) {
    return new Command<>(link, CommandType.PTTL, new IntegerOutput<>(link.codec()), args(key));
  }

  /**
   * Sends both. The time comes first: a state that replaces another in between then looks older
   * than it is. The other way round, an old one could look as young as its successor.
   */
  private CompletionStage<@Nullable TimedState> timed(
      Command<Long> remaining, Command<byte @Nullable []> state) {
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
    return send(new StateCommand(link, CommandType.SET, args).changing(key));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    CommandArgs<String, byte[]> args = args(key).add(state).add(PX).add(millis(ttl));
    return send(
        new Command<>(link, CommandType.SET, new VoidOutput<>(link.codec()), args).changing(key));
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
        new Command<>(link, CommandType.UNLINK, new BooleanOutput<>(link.codec()), args(key))
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
    removals
        .remove(settings.prefix() + prefix, glob)
        .whenComplete(
            (count, failure) -> {
              link.allChanged(Cause.REMOVED_BY_PATTERN);
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
    List<Command<?>> collected = new ArrayList<>();
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
   * <p>Waits for {@link RedisStoreBuilder#invalidationCopies} replicas of each primary that owns
   * one of the keys, over a connection to it for that purpose, which the first call opens. Calls
   * that meet share a wait, so this may take up to twice the {@link RedisStoreBuilder#copyTimeout}
   * and the {@linkplain RedisStoreBuilder#commandTimeout command timeout}, and the time to connect.
   * Does nothing unless copies are asked for.
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
    link.watch(listener, maxLag);
    return true;
  }

  @Override
  public void unwatch(ChangeListener listener) {
    link.unwatch(listener);
  }

  /** {@inheritDoc} Nodes of a cluster are named by host and port. */
  @Override
  public @Nullable String nodeOf(String key) {
    return link.nodeOf(key);
  }

  @Override
  public CompletionStage<@Nullable Void> ping(String node) {
    return pings.one(node);
  }

  /** Makes one round trip to the primary, in a cluster to every one. */
  @Override
  public CompletionStage<@Nullable Void> ping() {
    return pings.all();
  }

  private CommandArgs<String, byte[]> args(String key) {
    return new CommandArgs<>(link.codec()).addKey(key);
  }

  private <T extends @Nullable Object> CompletionStage<T> send(Command<T> command) {
    List<Command<?>> collected = batch.get();
    if (collected == null) {
      link.send(command);
    } else {
      collected.add(command);
    }
    return command.stage();
  }

  private void send(List<Command<?>> commands) {
    List<Command<?>> collected = batch.get();
    if (collected == null) {
      link.send(commands);
    } else {
      collected.addAll(commands);
    }
  }

  /**
   * Closes the connections and ends the threads, unless they are {@linkplain
   * RedisStoreBuilder#clientResources shared}; operations under way fail with {@code INTERRUPTED},
   * as they may have taken effect, later ones with {@code CLOSED}. Blocks for up to some seconds,
   * usually a few milliseconds.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      link.close();
      removals.close();
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

  /** Connects to the servers; closes this if that fails. */
  RedisStore open() {
    try {
      connector.connect();
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
}
