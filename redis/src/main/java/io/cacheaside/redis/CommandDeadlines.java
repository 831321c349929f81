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
 * Ends commands that are not answered in time, which is the same for all of them. While there are
 * any, a clock ticks, and with each tick all that were sent since the last one become one batch
 * that is due together. So a command ends up to two ticks late, and one that is answered has cost a
 * link of a chain.
 *
 * <p>Lettuce could do the same, with a timer for each command: some four objects more, and work for
 * its timer's thread with each answer.
 */
final class CommandDeadlines {
  private static final Duration TICK = Duration.ofMillis(10);

  private final Duration timeout;
  private final LettuceThreads threads;
  private final AtomicReference<@Nullable Command<?>> newest = new AtomicReference<>();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final Queue<Batch> batches = new ArrayDeque<>(); // used by the clock alone

  CommandDeadlines(Duration timeout, LettuceThreads threads) {
    this.timeout = timeout;
    this.threads = threads;
  }

  /** Commands without an answer, all sent before a moment. */
  private record Batch(long sentBeforeNanos, List<Command<?>> commands) {}

  /** Lets a command that is going to be sent end in time. */
  void add(Command<?> command) {
    Command<?> older;
    do {
      older = newest.get();
      command.timedAfter(older);
    } while (!newest.compareAndSet(older, command));
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
      batches.forEach(batch -> batch.commands().removeIf(Command::isDone));
      batches.removeIf(batch -> batch.commands().isEmpty());
      List<Command<?>> recent = takeRecent();
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
  private List<Command<?>> takeRecent() {
    List<Command<?>> recent = new ArrayList<>();
    Command<?> command = newest.getAndSet(null);
    while (command != null) {
      if (!command.isDone()) {
        recent.add(command);
      }
      command = command.unchained();
    }
    return recent;
  }

  private void endOverdue() {
    long nowNanos = System.nanoTime();
    Batch oldest = batches.peek();
    while (oldest != null && nowNanos - oldest.sentBeforeNanos() >= timeout.toNanos()) {
      oldest.commands().forEach(command -> threads.execute(() -> end(command)));
      batches.remove();
      oldest = batches.peek();
    }
  }

  private void end(Command<?> command) {
    command.completeExceptionally(
        new RedisCommandTimeoutException("no answer within " + timeout.toMillis() + " ms"));
  }
}
