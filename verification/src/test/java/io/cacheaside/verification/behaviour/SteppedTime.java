package io.cacheaside.verification.behaviour;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * An environment in which time passes when the test says so, and chance is a number that it sets.
 * Thread-safe.
 */
final class SteppedTime implements Environment {
  private record Due(long nanos, Runnable task) {}

  /** As {@link System#nanoTime} may, it passes from the largest to the least number. */
  private long nanos = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

  private final Queue<Due> timers =
      new PriorityQueue<>((one, other) -> Long.signum(one.nanos() - other.nanos()));
  private double random;

  /** Lets time pass, and does what falls due on the way, on this thread. */
  void advance(Duration duration) {
    long end = nanoTime() + duration.toNanos();
    for (Due due = nextBefore(end); due != null; due = nextBefore(end)) {
      due.task().run();
    }
    setNanos(end);
  }

  private synchronized Due nextBefore(long end) {
    Due next = timers.peek();
    if (next == null || next.nanos() - end > 0) {
      return null;
    }
    nanos = next.nanos() - nanos > 0 ? next.nanos() : nanos;
    return timers.poll();
  }

  private synchronized void setNanos(long end) {
    nanos = end;
  }

  /** Returns how many timers have been set and are neither due nor cancelled. */
  synchronized int timers() {
    return timers.size();
  }

  /** Returns how long it is to each timer. */
  synchronized List<Duration> pending() {
    List<Duration> pending = new ArrayList<>();
    timers.forEach(due -> pending.add(Duration.ofNanos(due.nanos() - nanos)));
    return pending;
  }

  synchronized void setRandom(double random) {
    this.random = random;
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized double random() {
    return random;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Due due = new Due(nanos + delay.toNanos(), task);
    timers.add(due);
    return () -> cancel(due);
  }

  private synchronized void cancel(Due due) {
    timers.remove(due);
  }

  @Override
  public Executor executor() {
    return Environment.system().executor();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    Environment.system().uniqueBytes(target);
  }
}
