package io.cacheaside.simulation.world;

import io.cacheaside.simulation.world.SimulatedServer.Page;
import io.cacheaside.store.ChangeFeed;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.ChangeListener.Cause;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import io.cacheaside.store.WatchedState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of one process to the simulated server. Commands and replies keep their order; any
 * of them may be late, and what follows with it. A command whose reply did not come in time, or was
 * lost with the connection, may be executed all the same, now or later.
 */
public final class SimulatedStore implements Store {
  private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(250);
  private static final Duration LATENCY = Duration.ofMillis(3);
  private static final Duration TRACK_PAUSE = Duration.ofMillis(200);
  private static final Duration PAGE_PAUSE = Duration.ofMillis(10);

  /** How long the network may keep what was sent over a connection that was abandoned. */
  private static final Duration LONGEST_WAY = Duration.ofSeconds(8);

  private final Scheduler scheduler;
  private SimulatedServer server;
  private final String host;
  private final @Nullable String node;
  private final boolean copies;
  private final boolean prompt;
  private int answeredTerm;
  private long answers;
  private Deque<Command<?>> toServer = new ArrayDeque<>();
  private final Deque<Runnable> toClient = new ArrayDeque<>();
  private final Deque<Command<?>> unanswered = new ArrayDeque<>();
  private final List<ChangeListener> listeners = new ArrayList<>();
  private long arrivalNanos;
  private boolean connected = true;
  private long stalledUntilNanos;
  private Connection connection = new Connection();

  /** What is heard of changes over one connection, from the moment the server agreed to tell. */
  private static final class Feed implements ChangeFeed {
    long provenNanos;
    boolean ended;

    Feed(long provenNanos) {
      this.provenNanos = provenNanos;
    }

    @Override
    public boolean isComplete(long nowNanos, long maxLagNanos) {
      return !ended && nowNanos - provenNanos <= maxLagNanos;
    }
  }

  private final class Connection implements SimulatedServer.Client {
    @Nullable Feed feed;

    @Override
    public void tell(@Nullable String key) {
      reply(this, () -> heard(key));
    }

    private void heard(@Nullable String key) {
      if (key == null) {
        allChanged(Cause.EMPTIED);
      } else {
        changed(key);
      }
    }
  }

  private void reply(Connection on, Runnable reply) {
    if (on == connection) {
      toClient.add(reply);
      scheduler.after(host, scheduler.upTo(LATENCY), () -> deliver(on));
    }
  }

  private void allChanged(Cause cause) {
    listeners.forEach(listener -> listener.allChanged(cause));
  }

  private void changed(String key) {
    listeners.forEach(listener -> listener.changed(key));
  }

  private final class Command<T> {
    final Supplier<T> execution;
    final CompletableFuture<T> answer = new CompletableFuture<>();
    final Connection sentOn = connection;
    final int term = server.term();
    final @Nullable String changes;

    Command(@Nullable String changes, Supplier<T> execution) {
      this.changes = changes;
      this.execution = execution;
    }

    /** Executes it, unless it went to a server that another one has replaced. */
    void execute() {
      if (term != server.term()) {
        return;
      }
      try {
        T result = server.execute(sentOn, execution);
        reply(sentOn, () -> succeed(result));
      } catch (IllegalStateException refused) {
        reply(sentOn, () -> fail(Reason.REFUSED));
      }
    }

    private void succeed(T result) {
      answeredTerm = term;
      answers++;
      tell();
      answer.complete(result);
    }

    void fail(Reason reason) {
      tell();
      answer.completeExceptionally(new StoreException(reason, "simulated", null, node));
    }

    private void tell() {
      if (changes != null && !answer.isDone()) {
        changed(changes);
      }
    }
  }

  public SimulatedStore(
      Scheduler scheduler, SimulatedServer server, String host, Features features) {
    this.scheduler = scheduler;
    this.server = server;
    this.host = host;
    this.node = features.nodes() ? server.host() : null;
    this.copies = features.copies();
    this.prompt = features.calm();
  }

  /** Returns the name of the node at the other end; null if it is the only one. */
  @Nullable String node() {
    return node;
  }

  /** Returns how many commands were answered. */
  long answers() {
    return answers;
  }

  private <T> CompletionStage<T> send(Supplier<T> execution) {
    return send(null, execution);
  }

  private <T> CompletionStage<T> send(@Nullable String changes, Supplier<T> execution) {
    Command<T> command = new Command<>(changes, execution);
    if (!connected) {
      command.fail(Reason.DISCONNECTED);
      return command.answer;
    }
    Deque<Command<?>> queue = toServer;
    queue.add(command);
    unanswered.add(command);
    arrivalNanos = Math.max(arrivalNanos, scheduler.nowNanos() + latency().toNanos());
    Duration onTheWay = Duration.ofNanos(arrivalNanos - scheduler.nowNanos());
    scheduler.after(server.host(), onTheWay, () -> executeNext(queue));
    scheduler.after(host, COMMAND_TIMEOUT, () -> command.fail(Reason.TIMED_OUT));
    return command.answer;
  }

  private Duration latency() {
    return !prompt && scheduler.chance(0.02)
        ? COMMAND_TIMEOUT.plus(scheduler.upTo(COMMAND_TIMEOUT.multipliedBy(2)))
        : scheduler.upTo(LATENCY);
  }

  private static void executeNext(Deque<Command<?>> queue) {
    Command<?> command = queue.poll();
    if (command != null) {
      command.execute();
    }
  }

  /** Lets nothing arrive for a while, as a network does that swallows packets, and says nothing. */
  public void stall(Duration duration) {
    stalledUntilNanos = scheduler.nowNanos() + duration.toNanos();
  }

  private void deliver(Connection onConnection) {
    long stalledNanos = stalledUntilNanos - scheduler.nowNanos();
    if (stalledNanos > 0) {
      scheduler.after(host, Duration.ofNanos(stalledNanos), () -> deliver(onConnection));
    } else if (onConnection == connection) {
      Runnable reply = toClient.poll();
      if (reply != null) {
        reply.run();
      }
    }
  }

  /** Lets commands go to another server; those on their way to one that knew less are lost. */
  public void moveTo(SimulatedServer other) {
    server = other;
  }

  /**
   * Breaks the connection: replies are lost. Commands that were sent are executed soon, or long
   * after their callers have given up and a new connection is in use, or never.
   */
  public void cut() {
    endFeed();
    connection = new Connection();
    connected = false;
    toClient.clear();
    if (scheduler.chance(0.5)) {
      Deque<Command<?>> late = new ArrayDeque<>(toServer);
      toServer.clear();
      if (scheduler.chance(0.5)) {
        Duration onTheWay = scheduler.upTo(LONGEST_WAY);
        late.forEach(command -> scheduler.after(server.host(), onTheWay, () -> executeNext(late)));
      }
    }
    toServer = new ArrayDeque<>();
    arrivalNanos = scheduler.nowNanos();
    unanswered.forEach(command -> command.fail(Reason.INTERRUPTED));
    unanswered.clear();
    scheduler.after(host, scheduler.upTo(Duration.ofSeconds(2)), this::reconnected);
  }

  private void reconnected() {
    connected = true;
    track();
  }

  // ---- Changes ----------------------------------------------------------------------------------

  private void endFeed() {
    Feed feed = connection.feed;
    if (feed != null) {
      feed.ended = true;
      listeners.forEach(listener -> listener.feedEnded(feed, Cause.DISCONNECTED));
    }
  }

  private void track() {
    Connection on = connection;
    long sentNanos = scheduler.nowNanos();
    if (!listeners.isEmpty()) {
      send(() -> {
            server.track();
            return true;
          })
          .thenAccept(done -> on.feed = new Feed(sentNanos))
          .exceptionally(failure -> trackLater(on));
    }
  }

  private @Nullable Void trackLater(Connection on) {
    scheduler.after(
        host,
        TRACK_PAUSE,
        () -> {
          if (on == connection && on.feed == null) {
            track();
          }
        });
    return null;
  }

  private void prove(Duration interval) {
    Feed feed = connection.feed;
    long sentNanos = scheduler.nowNanos();
    if (feed != null) {
      send(server::proveAlive).thenAccept(pong -> feed.provenNanos = sentNanos);
    }
    scheduler.after(host, interval, () -> prove(interval));
  }

  @Override
  public boolean watch(ChangeListener listener, Duration maxLag) {
    listeners.add(listener);
    track();
    if (!maxLag.isZero()) {
      prove(maxLag.dividedBy(4));
    }
    return true;
  }

  @Override
  public CompletionStage<@Nullable WatchedState> readWatched(String key) {
    Feed feed = connection.feed;
    return send(() ->
            feed == null ? server.readTimed(key, Integer.MAX_VALUE) : server.readWatched(key))
        .thenApply(
            state ->
                state == null ? null : new WatchedState(state.bytes(), state.remaining(), feed));
  }

  // ---- Operations -------------------------------------------------------------------------------

  @Override
  public CompletionStage<byte @Nullable []> read(String key) {
    return send(() -> server.read(key));
  }

  @Override
  public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
    return send(() -> server.readTimed(key, maxBytes));
  }

  @Override
  public CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl) {
    return send(key, () -> server.putIfAbsent(key, state, ttl));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return send(
        key,
        () -> {
          server.put(key, state, ttl);
          return null;
        });
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return send(key, () -> server.swap(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return send(key, () -> server.swapEvenIfFull(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return send(key, () -> server.swapHead(key, stamp, head, ttl));
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return send(key, () -> server.remove(key, stamp));
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return send(key, () -> server.remove(key, null));
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return pass(prefix).thenApply(done -> 1L);
  }

  /** Goes over all keys, and again if another primary took over meanwhile. */
  private CompletionStage<Page> pass(String prefix) {
    return page(prefix, 0).thenCompose(first -> pagesAfter(first, first.primary(), prefix));
  }

  private CompletionStage<Page> page(String prefix, int cursor) {
    return send(() -> server.removePage(prefix, cursor))
        .whenComplete((page, failure) -> allChanged(Cause.REMOVED_BY_PATTERN));
  }

  private CompletionStage<Page> pagesAfter(Page page, int primary, String prefix) {
    if (page.primary() != primary) {
      return pass(prefix);
    }
    if (page.last()) {
      return CompletableFuture.completedFuture(page);
    }
    CompletableFuture<Page> next = new CompletableFuture<>();
    scheduler.after(host, scheduler.upTo(PAGE_PAUSE), () -> next.complete(page));
    return next.thenCompose(done -> page(prefix, page.cursor()))
        .thenCompose(following -> pagesAfter(following, primary, prefix));
  }

  @Override
  public CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    if (!copies) {
      return CompletableFuture.completedFuture(null);
    }
    int term = answeredTerm;
    return send(
        () -> {
          if (term != server.term() || (!prompt && scheduler.chance(0.05))) {
            throw new IllegalStateException("NOREPLICAS");
          }
          server.copy();
          return null;
        });
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return send(() -> null);
  }

  @Override
  public void close() {}
}
