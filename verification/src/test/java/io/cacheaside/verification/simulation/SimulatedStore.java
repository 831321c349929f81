package io.cacheaside.verification.simulation;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of one process to the simulated server. Commands and replies keep their order; any
 * of them may be late. A command whose reply did not come in time, or was lost with the connection,
 * may be executed all the same, now or later.
 */
final class SimulatedStore implements Store {
  private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(250);
  private static final Duration LATENCY = Duration.ofMillis(3);

  private final Scheduler scheduler;
  private final SimulatedServer server;
  private final String host;
  private Deque<Command<?>> toServer = new ArrayDeque<>();
  private final Deque<Runnable> toClient = new ArrayDeque<>();
  private final Deque<Command<?>> unanswered = new ArrayDeque<>();
  private boolean connected = true;
  private int connection;

  private final class Command<T> {
    final Supplier<T> execution;
    final CompletableFuture<T> answer = new CompletableFuture<>();
    final int sentOn = connection;

    Command(Supplier<T> execution) {
      this.execution = execution;
    }

    void execute() {
      try {
        T result = execution.get();
        reply(() -> answer.complete(result));
      } catch (IllegalStateException refused) {
        reply(() -> fail(Reason.REFUSED));
      }
    }

    private void reply(Runnable reply) {
      if (sentOn == connection) {
        toClient.add(reply);
        scheduler.after(host, scheduler.upTo(LATENCY), () -> deliver(sentOn));
      }
    }

    void fail(Reason reason) {
      answer.completeExceptionally(new StoreException(reason, "simulated", null));
    }
  }

  SimulatedStore(Scheduler scheduler, SimulatedServer server, String host) {
    this.scheduler = scheduler;
    this.server = server;
    this.host = host;
  }

  private <T> CompletionStage<T> send(Supplier<T> execution) {
    Command<T> command = new Command<>(execution);
    if (!connected) {
      command.fail(Reason.DISCONNECTED);
      return command.answer;
    }
    Deque<Command<?>> queue = toServer;
    queue.add(command);
    unanswered.add(command);
    scheduler.after(SimulatedServer.HOST, latency(), () -> executeNext(queue));
    scheduler.after(host, COMMAND_TIMEOUT, () -> command.fail(Reason.TIMED_OUT));
    return command.answer;
  }

  private Duration latency() {
    return scheduler.upTo(scheduler.chance(0.02) ? COMMAND_TIMEOUT.multipliedBy(3) : LATENCY);
  }

  private static void executeNext(Deque<Command<?>> queue) {
    Command<?> command = queue.poll();
    if (command != null) {
      command.execute();
    }
  }

  private void deliver(int onConnection) {
    if (onConnection == connection) {
      Runnable reply = toClient.poll();
      if (reply != null) {
        reply.run();
      }
    }
  }

  /** Breaks the connection: replies are lost, commands that were sent may be executed or lost. */
  void cut() {
    connection++;
    connected = false;
    toClient.clear();
    if (scheduler.chance(0.5)) {
      toServer.clear();
    }
    toServer = new ArrayDeque<>();
    unanswered.forEach(command -> command.fail(Reason.INTERRUPTED));
    unanswered.clear();
    scheduler.after(host, scheduler.upTo(Duration.ofSeconds(2)), () -> connected = true);
  }

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
    return send(() -> server.putIfAbsent(key, state, ttl));
  }

  @Override
  public CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl) {
    return send(
        () -> {
          server.put(key, state, ttl);
          return null;
        });
  }

  @Override
  public CompletionStage<Boolean> swap(
      String key, byte[] stamp, byte[] state, @Nullable Duration ttl) {
    return send(() -> server.swap(key, stamp, state, ttl));
  }

  @Override
  public CompletionStage<Boolean> swapHead(
      String key, byte[] stamp, byte[] head, @Nullable Duration ttl) {
    return send(() -> server.swapHead(key, stamp, head, ttl));
  }

  @Override
  public CompletionStage<Boolean> remove(String key, byte[] stamp) {
    return send(() -> server.remove(key, stamp));
  }

  @Override
  public CompletionStage<Boolean> remove(String key) {
    return send(() -> server.remove(key, null));
  }

  @Override
  public CompletionStage<Long> removeMatching(String prefix, String glob) {
    return send(() -> server.removeMatching(prefix));
  }

  @Override
  public CompletionStage<@Nullable Void> ping() {
    return send(() -> null);
  }

  @Override
  public void close() {}
}
