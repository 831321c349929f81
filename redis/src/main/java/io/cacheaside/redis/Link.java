package io.cacheaside.redis;

import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from a store to its servers.
 *
 * <p>Lettuce keeps up a connection that was there once, but does not retry the first one. So the
 * link does until it succeeds; from then on it leaves that to Lettuce.
 */
final class Link {
  private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

  /** How often it is tried again at once to learn why a connection could not be made. */
  private static final int MORE_ATTEMPTS = 3;

  private final RedisSettings settings;
  private final Deployment deployment;
  private final LettuceThreads threads;
  private final StateLimit limit;
  private final StateCodec codec;
  private final Listeners listeners = new Listeners();
  private final Tracking tracking;
  private final Deadlines deadlines;
  private volatile @Nullable StatefulConnection<String, byte[]> connection;
  private volatile boolean closed;
  private volatile String lastProblem = "";
  private final AtomicLong connectedNanos = new AtomicLong(System.nanoTime());

  Link(RedisSettings settings, Deployment deployment, LettuceThreads threads) {
    this.settings = settings;
    this.deployment = deployment;
    this.threads = threads;
    this.limit = threads.limit();
    this.codec = new StateCodec(settings.prefix());
    this.tracking = new Tracking(this, threads);
    this.deadlines = new Deadlines(settings.commandTimeout(), threads);
    deployment.whenServersChange(this::serversChanged);
  }

  StateCodec codec() {
    return codec;
  }

  /** Returns how long states may be. */
  StateLimit limit() {
    return limit;
  }

  /** Returns those who are told of changes. */
  Listeners listeners() {
    return listeners;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Connects, or starts to do so in the background. Blocks up to the connect timeout.
   *
   * @throws RedisConnectException if waiting would not help, or nobody wants to wait
   */
  void open() {
    CompletionStage<?> first = connect();
    try {
      first.toCompletableFuture().get(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable failure = Failures.unwrapped(e);
      if (settings.failFast() || !ConnectFailures.isTransient(failure)) {
        throw ConnectFailures.of(settings, failure);
      }
    } catch (TimeoutException e) {
      if (settings.failFast()) {
        throw ConnectFailures.of(settings, e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ConnectFailures.of(settings, e);
    }
    keepTrying(first, 1);
  }

  private void keepTrying(CompletionStage<?> attempt, int number) {
    attempt.whenComplete(
        (done, failure) -> {
          if (failure != null && !closed) {
            retry(number, Failures.unwrapped(failure));
          }
        });
  }

  private void retry(int number, Throwable failure) {
    String problem = String.valueOf(ConnectFailures.of(settings, failure).getMessage());
    if (!problem.equals(lastProblem)) {
      lastProblem = problem;
      LOG.warn("{}; trying again in the background", problem);
    }
    threads.schedule(
        () -> keepTrying(connect(), number + 1),
        LettuceThreads.RECONNECT_DELAY.createDelay(number));
  }

  private CompletionStage<?> connect() {
    return connect(MORE_ATTEMPTS);
  }

  private CompletionStage<@Nullable Void> connect(int moreAttempts) {
    return connectOnce()
        .exceptionallyCompose(
            failure ->
                moreAttempts > 0 && ConnectFailures.isUnexplained(failure)
                    ? connectSoon(moreAttempts - 1)
                    : CompletableFuture.failedStage(failure));
  }

  /** Connects on none of the I/O threads, which a failure comes from. */
  private CompletionStage<@Nullable Void> connectSoon(int moreAttempts) {
    return CompletableFuture.supplyAsync(() -> connect(moreAttempts), threads::execute)
        .thenCompose(Function.identity());
  }

  private CompletionStage<@Nullable Void> connectOnce() {
    if (closed) {
      return CompletableFuture.failedStage(closedException());
    }
    try {
      return deployment.connect(codec).toCompletableFuture().thenCompose(this::greet);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<@Nullable Void> greet(StatefulConnection<String, byte[]> opened) {
    Operation<List<Object>> hello =
        new Operation<>(this, CommandType.HELLO, new ArrayOutput<>(codec), null);
    opened.dispatch(hello);
    return hello
        .stage()
        .thenApply(Hello::of)
        .thenAccept(answer -> use(opened, answer))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                abandon(opened);
              }
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private static void abandon(StatefulConnection<String, byte[]> connection) {
    connection.closeAsync();
  }

  private void use(StatefulConnection<String, byte[]> opened, Hello hello) {
    hello.check(settings);
    connection = opened;
    if (closed) {
      throw closedException();
    }
    if (!hello.isPrimary() && !deployment.isCluster()) {
      LOG.warn("{} is a replica: it refuses to store anything", settings.address());
    }
    if (!lastProblem.isEmpty()) {
      LOG.info("Connected to {}", settings.address());
    }
    track();
  }

  private static StoreException closedException() {
    return new StoreException(Reason.CLOSED, "the store has been closed", null);
  }

  /** Runs an action later, on none of the I/O threads. */
  void later(Runnable action, Duration delay) {
    threads.schedule(action, delay);
  }

  /** Trusts nothing that was told before: other servers have the keys now, or some of them. */
  private void serversChanged() {
    tracking.forget(Cause.MOVED);
    track();
  }

  /** Lets every primary that is connected tell of changes, if anybody wants to be told. */
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

  /** Does not track any more, unless somebody still wants to be told. */
  void untrack() {
    if (!listeners.areThere()) {
      tracking.forget(Cause.DISCONNECTED);
    }
  }

  @SuppressWarnings("unchecked") // those to a single server are
  private static StatefulRedisConnection<String, byte[]> single(
      StatefulConnection<String, byte[]> connection) {
    return (StatefulRedisConnection<String, byte[]>) connection;
  }

  /** Returns the name of the node that an operation goes to; null if there is only one. */
  @Nullable String nodeOf(Operation<?> operation) {
    CommandArgs<String, byte[]> args = operation.getArgs();
    ByteBuffer key = deployment.isCluster() && args != null ? args.getFirstEncodedKey() : null;
    return key == null ? null : deployment.nodeOf(key);
  }

  /** Returns the name of the node that a key is on; null if there is only one. */
  @Nullable String nodeOf(String key) {
    return deployment.isCluster() ? deployment.nodeOf(codec.encodeKey(key)) : null;
  }

  /** Returns what tracks over the connection to the primary of a key; null if nothing does. */
  @Nullable Tracker tracker(String key) {
    StatefulConnection<String, byte[]> current = connection;
    StatefulRedisConnection<String, byte[]> primary =
        current == null || closed ? null : deployment.primaryOf(current, codec, key);
    return primary == null ? null : tracking.over(primary);
  }

  void send(Operation<?> operation) {
    try {
      StatefulConnection<String, byte[]> current = connected();
      deadlines.add(operation);
      current.dispatch(operation);
    } catch (RuntimeException e) {
      operation.completeExceptionally(e);
    }
  }

  void send(List<? extends Operation<?>> operations) {
    List<? extends Operation<?>> joined =
        deployment.isCluster() || limit.isExceededLately()
            ? operations
            : MultiRead.joined(this, operations);
    try {
      StatefulConnection<String, byte[]> current = connected();
      joined.forEach(deadlines::add);
      deployment.send(current, joined);
    } catch (RuntimeException e) {
      joined.forEach(operation -> operation.completeExceptionally(e));
    }
  }

  private StatefulConnection<String, byte[]> connected() {
    StatefulConnection<String, byte[]> current = connection;
    if (closed || current == null) {
      throw new IllegalStateException(closed ? "closed" : "not connected yet");
    }
    return current;
  }

  /**
   * Breaks the connection to a server that has been demoted, which would go on answering reads.
   * Lettuce then connects to where the address, or a Sentinel, points now. Once per connect timeout
   * at most, as that may be a replica, too. (A cluster's replicas redirect reads themselves.)
   */
  void leaveReplica() {
    long now = System.nanoTime();
    long since = connectedNanos.get();
    if (!deployment.isCluster()
        && now - since > settings.connectTimeout().toNanos()
        && connectedNanos.compareAndSet(since, now)) {
      LOG.warn("{} is a replica: connecting again", settings.address());
      send(new Operation<>(this, CommandType.QUIT, new StatusOutput<>(codec), null));
    }
  }

  /** Makes one round trip to every primary; of several that fail one that hangs counts. */
  CompletionStage<@Nullable Void> ping() {
    return all(pingPrimaries());
  }

  /** Makes one round trip to the primary with a name; to none if it is a primary no longer. */
  CompletionStage<@Nullable Void> ping(String node) {
    CompletionStage<? extends StatefulConnection<String, byte[]>> primary;
    try {
      primary = deployment.primaries(connected()).get(node);
    } catch (RuntimeException e) {
      return all(List.of(CompletableFuture.failedFuture(e)));
    }
    return primary == null
        ? CompletableFuture.completedFuture(null)
        : all(List.of(ping(node, primary)));
  }

  private CompletionStage<@Nullable Void> all(List<CompletableFuture<?>> pings) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    CompletionStage<?> all = CompletableFuture.allOf(pings.toArray(CompletableFuture[]::new));
    all.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            result.complete(null);
          } else {
            result.completeExceptionally(worst(pings));
          }
        });
    return result;
  }

  private StoreException worst(List<CompletableFuture<?>> failed) {
    return failed.stream()
        .filter(CompletableFuture::isCompletedExceptionally)
        .map(ping -> ping.handle((answer, failure) -> Failures.unwrapped(failure)).join())
        .map(failure -> Failures.of("PING", failure, false, closed))
        .reduce((one, other) -> other.reason() == Reason.TIMED_OUT ? other : one)
        .orElseThrow();
  }

  private List<CompletableFuture<?>> pingPrimaries() {
    List<CompletableFuture<?>> pings = new ArrayList<>();
    try {
      deployment.primaries(connected()).forEach((node, primary) -> pings.add(ping(node, primary)));
    } catch (RuntimeException e) {
      pings.add(CompletableFuture.failedFuture(e));
    }
    return pings;
  }

  /** The failure names the node, unless there is only one. */
  private CompletableFuture<?> ping(
      String node, CompletionStage<? extends StatefulConnection<String, byte[]>> primary) {
    CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    String named = deployment.isCluster() ? node : null;
    pingSoon(primary)
        .whenComplete(
            (pong, failure) -> {
              if (failure == null) {
                result.complete(null);
              } else {
                Throwable cause = Failures.unwrapped(failure);
                result.completeExceptionally(pingFailure(cause, named));
              }
            });
    return result;
  }

  private StoreException pingFailure(Throwable cause, @Nullable String node) {
    return cause instanceof StoreException known
        ? new StoreException(known.reason(), String.valueOf(known.getMessage()), known, node)
        : Failures.of("PING", cause, false, closed, node);
  }

  /** Does not wait for a connection that is just being made: nothing else is sent on it either. */
  private CompletionStage<?> pingSoon(
      CompletionStage<? extends StatefulConnection<String, byte[]>> primary) {
    return primary.toCompletableFuture().isDone()
        ? primary.thenCompose(this::pingOn)
        : CompletableFuture.failedStage(new IllegalStateException("not connected yet"));
  }

  private CompletionStage<?> pingOn(StatefulConnection<String, byte[]> primary) {
    Operation<String> ping =
        new Operation<>(this, CommandType.PING, new StatusOutput<>(codec), null);
    primary.dispatch(ping);
    return ping.stage();
  }

  /** Ends every operation that is under way; waits for a bounded time. */
  void close() {
    closed = true;
    deployment.close();
  }
}
