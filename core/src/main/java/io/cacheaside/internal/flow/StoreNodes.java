package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the nodes of a store that do not answer: each has its own circuit breaker and
 * its own recovery, so that a node that fails costs only the keys it has.
 *
 * <p>A node is kept here from its first failure until it answers again. While there is none,
 * commands go to the store directly. While there is one, they go through a view of the store that
 * refuses what a breaker keeps away, and notes what the failing nodes answer.
 */
final class StoreNodes {
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);

  private final Store store;
  private final Environment environment;
  private final int breakerTimeouts;
  private final Duration breakerPause;
  private final Executor executor;
  private final Recovery recovery;
  private final Map<String, Failing> failing = new ConcurrentHashMap<>();
  private final Store refusing;
  private final Store noting;
  private volatile boolean closed;

  StoreNodes(
      Store store,
      Environment environment,
      int breakerTimeouts,
      Duration breakerPause,
      Executor executor,
      Recovery recovery) {
    this.store = store;
    this.environment = environment;
    this.breakerTimeouts = breakerTimeouts;
    this.breakerPause = breakerPause;
    this.executor = executor;
    this.recovery = recovery;
    this.refusing = new View(true);
    this.noting = new View(false);
  }

  /** The store, seen through its failing nodes. */
  private final class View extends NodeStore {
    private final boolean refuses;

    /**
     * Creates a view.
     *
     * @param refuses whether an operation is refused while the breaker of its node is open
     */
    View(boolean refuses) {
      super(store);
      this.refuses = refuses;
    }

    @Override
    <T extends @Nullable Object> CompletionStage<T> issue(
        String key, Supplier<CompletionStage<T>> command) {
      return StoreNodes.this.issue(key, refuses, command);
    }
  }

  /** A node that has failed and has not answered since. */
  private final class Failing {
    private final String name;
    private final CircuitBreaker breaker;
    private volatile boolean lost;
    private volatile long failedNanos;

    Failing(String name) {
      this.name = name;
      this.breaker =
          new CircuitBreaker(
              environment, breakerTimeouts, breakerPause, this::ping, this::answeredPing);
    }

    private CompletionStage<?> ping() {
      try {
        return store.ping(name);
      } catch (Throwable e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    /** Forgets a node that has no keys any more, so that it does not answer either. */
    private void forgetIfQuiet() {
      boolean quiet = environment.nanoTime() - failedNanos >= FORGOTTEN_AFTER.toNanos();
      if (quiet && !breaker.isOpen()) {
        failing.remove(name, this);
      } else if (!closed && failing.get(name) == this) {
        environment.schedule(FORGOTTEN_AFTER, this::forgetIfQuiet);
      }
    }

    /** The keys may have moved to another server, or the server may have lost them. */
    private void answeredPing() {
      lost = true;
      answered(this);
    }
  }

  /** Returns what commands are to be sent to, unless their nodes are left alone. */
  Store forCommands() {
    return failing.isEmpty() ? store : refusing;
  }

  /** Returns what commands are to be sent to that must not be left undone. */
  Store forDuties() {
    return failing.isEmpty() ? store : noting;
  }

  /**
   * Notes a failure of a node.
   *
   * @param counts whether it is one more for the breaker, if it is a timeout
   */
  void failed(String node, StoreException failure, boolean counts) {
    if (closed) {
      return;
    }
    Failing fresh = new Failing(node);
    Failing known = failing.putIfAbsent(node, fresh);
    if (known == null) {
      known = fresh;
      environment.schedule(FORGOTTEN_AFTER, fresh::forgetIfQuiet);
    }
    known.failedNanos = environment.nanoTime();
    known.lost |= Recovery.isLoss(failure);
    if (counts) {
      known.breaker.failed(failure);
    }
  }

  private void answered(Failing node) {
    if (failing.remove(node.name, node)) {
      executor.execute(() -> recovery.recovered(node.lost));
    }
  }

  /**
   * Issues a command about a key.
   *
   * @param refuses whether it is refused while the breaker of its node is open
   */
  private <T extends @Nullable Object> CompletionStage<T> issue(
      String key, boolean refuses, Supplier<CompletionStage<T>> command) {
    String name = store.nodeOf(key);
    Failing node = name == null ? null : failing.get(name);
    if (node == null) {
      return command.get();
    }
    if (node.breaker.isOpen()) {
      return refuses ? CompletableFuture.failedFuture(CircuitBreaker.refusal()) : command.get();
    }
    CompletionStage<T> answer = command.get();
    Stages.whenDone(
        answer,
        (value, failure) -> {
          if (failure == null) {
            answered(node);
          }
        });
    return answer;
  }

  /** Ends the pings for good. */
  void close() {
    closed = true;
    failing.values().forEach(node -> node.breaker.close());
  }
}
