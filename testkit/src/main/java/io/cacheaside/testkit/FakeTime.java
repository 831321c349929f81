package io.cacheaside.testkit;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An environment in which time stands still until the test moves it.
 *
 * <pre>{@code
 * FakeTime time = new FakeTime();
 * CacheAside<String, String> users =
 *     CacheAside.builder("users", Codec.string())
 *         .environment(time)
 *         .ttl(Duration.ofMinutes(5))
 *         .build();
 *
 * users.get("42", id -> "Ada");
 * time.advance(Duration.ofMinutes(5));
 * assertThat(users.lookup("42")).isInstanceOf(Lookup.NotCached.class);
 * }</pre>
 *
 * <p><b>Time</b> begins anywhere. The store in memory that a cache makes for itself follows it; one
 * that is shared is built with {@code InMemoryStore.builder().nanoTime(time::nanoTime)}. A server
 * keeps its own time.
 *
 * <p><b>Timers</b> run within {@link #advance}, on its thread, each at its time.
 *
 * <p><b>Threads.</b> What a cache does on an executor runs in the common pool of the JVM with
 * {@code new FakeTime()}. With {@link #withHeldTasks()} it waits for {@link #runTasks}, so that one
 * thread does everything in a known order. That suits the asynchronous face: a blocking call that
 * needs a task waits for another thread to run it. Executors that are given to a cache builder go
 * before this one.
 *
 * <p><b>Chance</b> is a number that the test sets, 0.0 at first: no jitter. Ids are unique all the
 * same.
 *
 * <p>Thread-safe.
 */
public final class FakeTime implements Environment {

  private record Due(long nanos, Runnable task) {}

  /** As {@link System#nanoTime} may, it passes from the largest to the least number. */
  private long nanos = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();

  private final Queue<Due> timers =
      new PriorityQueue<>((one, other) -> Long.signum(one.nanos() - other.nanos()));
  private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
  private final boolean holdsTasks;
  private double random;

  /** Creates an environment whose tasks run in the common pool of the JVM. */
  public FakeTime() {
    this(false);
  }

  private FakeTime(boolean holdsTasks) {
    this.holdsTasks = holdsTasks;
  }

  /** Returns an environment whose tasks run within {@link #runTasks} and {@link #advance} only. */
  public static FakeTime withHeldTasks() {
    return new FakeTime(true);
  }

  /**
   * Lets time pass. What falls due on the way runs on this thread at its time, held tasks before
   * time goes on.
   *
   * @throws IllegalArgumentException the duration is negative
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + duration);
    }
    long end = nanoTime() + duration.toNanos();
    runTasks();
    for (Due due = nextUntil(end); due != null; due = nextUntil(end)) {
      due.task().run();
      runTasks();
    }
    setNanos(end);
  }

  private synchronized @Nullable Due nextUntil(long end) {
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

  /**
   * Runs the tasks that are held, and those that they add, on this thread in the order in which
   * they came.
   *
   * @return how many ran
   */
  public int runTasks() {
    int ran = 0;
    for (Runnable task = held.poll(); task != null; task = held.poll()) {
      task.run();
      ran++;
    }
    return ran;
  }

  /** Returns how many tasks are held. */
  public int heldTasks() {
    return held.size();
  }

  /** Returns how long it is to each timer that is neither due nor cancelled, the next one first. */
  public synchronized List<Duration> pendingTimers() {
    return timers.stream().map(due -> Duration.ofNanos(due.nanos() - nanos)).sorted().toList();
  }

  /**
   * Sets what {@link #random} returns from now on.
   *
   * @throws IllegalArgumentException it is less than 0.0, or not less than 1.0
   */
  public synchronized void setRandom(double random) {
    if (!(random >= 0.0 && random < 1.0)) {
      throw new IllegalArgumentException("random must be from 0.0 to below 1.0: " + random);
    }
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
    return holdsTasks ? held::add : Environment.system().executor();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    Environment.system().uniqueBytes(target);
  }
}
