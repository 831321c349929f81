package io.cacheaside.redis;

import io.lettuce.core.RedisCommandTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends operations that are not answered in time, which is the same for all of them. While there are
 * any, a clock ticks, and with each tick all that were sent since the last one become one batch
 * that is due together. So an operation ends up to two ticks late, and one that is answered has
 * cost a link of a chain.
 *
 * <p>Lettuce could do the same, with a timer for each command: some four objects more, and work for
 * its timer's thread with each answer.
 */
final class Deadlines {
  private static final Duration TICK = Duration.ofMillis(10);

  private final Duration timeout;
  private final LettuceThreads threads;
  private final AtomicReference<@Nullable Operation<?>> newest = new AtomicReference<>();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final Queue<Batch> batches = new ArrayDeque<>(); // used by the clock alone

  Deadlines(Duration timeout, LettuceThreads threads) {
    this.timeout = timeout;
    this.threads = threads;
  }

  /** Operations without an answer, all sent before a moment. */
  private record Batch(long sentBeforeNanos, List<Operation<?>> operations) {}

  /** Lets an operation that is going to be sent end in time. */
  void add(Operation<?> operation) {
    Operation<?> older;
    do {
      older = newest.get();
      operation.timedAfter(older);
    } while (!newest.compareAndSet(older, operation));
    startClock();
  }

  private void startClock() {
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      tickLater();
    }
  }

  /** Lets the clock tick once more. Without threads nothing is sent, so nobody waits for an end. */
  private void tickLater() {
    if (!threads.tick(this::tick, TICK)) {
      newest.set(null);
      ticking.set(false);
    }
  }

  private void tick() {
    try {
      batches.forEach(batch -> batch.operations().removeIf(Operation::isDone));
      batches.removeIf(batch -> batch.operations().isEmpty());
      List<Operation<?>> recent = takeRecent();
      if (!recent.isEmpty()) {
        batches.add(new Batch(System.nanoTime(), recent));
      }
      endOverdue();
    } finally {
      tickOrStop();
    }
  }

  private void tickOrStop() {
    if (!batches.isEmpty()) {
      tickLater();
    } else {
      ticking.set(false);
      if (newest.get() != null) {
        startClock();
      }
    }
  }

  /** Takes the chain apart, and returns those that have no answer yet. */
  private List<Operation<?>> takeRecent() {
    List<Operation<?>> recent = new ArrayList<>();
    Operation<?> operation = newest.getAndSet(null);
    while (operation != null) {
      if (!operation.isDone()) {
        recent.add(operation);
      }
      operation = operation.unchained();
    }
    return recent;
  }

  private void endOverdue() {
    long nowNanos = System.nanoTime();
    Batch oldest = batches.peek();
    while (oldest != null && nowNanos - oldest.sentBeforeNanos() >= timeout.toNanos()) {
      oldest.operations().forEach(operation -> threads.execute(() -> end(operation)));
      batches.remove();
      oldest = batches.peek();
    }
  }

  private void end(Operation<?> operation) {
    operation.completeExceptionally(
        new RedisCommandTimeoutException("no answer within " + timeout.toMillis() + " ms"));
  }
}
