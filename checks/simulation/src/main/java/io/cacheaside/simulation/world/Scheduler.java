package io.cacheaside.simulation.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/**
 * Virtual time and one thread: tasks wait in a pool, and the seed decides which runs next, how far
 * time moves, and which host stands still. The same seed gives the same run.
 */
public final class Scheduler {
  private static final Duration LONGEST_WAIT = Duration.ofMillis(20);
  private static final long START_NANOS = Duration.ofDays(1).toNanos();

  private final Random random;
  private final List<Task> ready = new ArrayList<>();
  private final PriorityQueue<Task> timed =
      new PriorityQueue<>(
          Comparator.<Task>comparingLong(task -> task.dueNanos)
              .thenComparingLong(task -> task.order));
  private final Map<String, Long> frozenUntilNanos = new HashMap<>();
  private final Set<String> killed = new HashSet<>();
  private long nowNanos = START_NANOS;
  private long order;
  private String running = "";

  /** Something to run; one that was cancelled stays among the others until it would be next. */
  private static final class Task {
    private final String host;
    private final Runnable run;
    private final long dueNanos;
    private final long order;
    private boolean cancelled;

    Task(String host, Runnable run, long dueNanos, long order) {
      this.host = host;
      this.run = run;
      this.dueNanos = dueNanos;
      this.order = order;
    }
  }

  public Scheduler(long seed) {
    random = new Random(seed);
  }

  public Random random() {
    return random;
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Returns how long the run has taken so far. */
  public long elapsedNanos() {
    return nowNanos - START_NANOS;
  }

  void submit(String host, Runnable run) {
    if (!killed.contains(host)) {
      ready.add(new Task(host, run, nowNanos, order++));
    }
  }

  public Runnable after(String host, Duration delay, Runnable run) {
    Task task = new Task(host, run, nowNanos + delay.toNanos(), order++);
    if (!killed.contains(host)) {
      timed.add(task);
    }
    return () -> task.cancelled = true;
  }

  public Duration upTo(Duration bound) {
    return Duration.ofNanos((long) (random.nextDouble() * bound.toNanos()));
  }

  public boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** Lets a host stand still, as a long pause of its garbage collector or a SIGSTOP would. */
  public void freeze(String host, Duration duration) {
    frozenUntilNanos.merge(host, nowNanos + duration.toNanos(), Math::max);
  }

  /** Ends a host: nothing runs there ever after. */
  void kill(String host) {
    killed.add(host);
    ready.removeIf(task -> task.host.equals(host));
    timed.removeIf(task -> task.host.equals(host));
  }

  /** Runs one task, or lets time pass; returns false if there is nothing left to do. */
  public boolean step() {
    List<Task> candidates = runnable();
    if (hasTimed() && (candidates.isEmpty() || (isSoon(timed.peek()) && chance(0.05)))) {
      Task next = timed.remove();
      nowNanos = Math.max(nowNanos, next.dueNanos);
      ready.add(next);
      candidates = runnable();
    }
    if (candidates.isEmpty()) {
      return awaitThaw();
    }
    Task task = candidates.get(random.nextInt(candidates.size()));
    ready.remove(task);
    run(task);
    return true;
  }

  /** Runs a task. An error that it lets through ends no more than a thread of its process. */
  private void run(Task task) {
    running = task.host;
    try {
      task.run.run();
    } catch (InjectedError expected) {
      // There is another thread for the next task.
    } finally {
      running = "";
    }
  }

  /** Returns whether what runs now runs in a process, and is not a call from outside. */
  boolean isRunning(String host) {
    return running.equals(host);
  }

  private boolean hasTimed() {
    while (!timed.isEmpty() && timed.peek().cancelled) {
      timed.remove();
    }
    return !timed.isEmpty();
  }

  /** Returns whether a task is due before one that is ready must have run. */
  private boolean isSoon(Task task) {
    return task.dueNanos - nowNanos < LONGEST_WAIT.toNanos();
  }

  private boolean awaitThaw() {
    if (ready.isEmpty()) {
      return hasTimed();
    }
    if (!hasTimed()) {
      nowNanos = ready.stream().mapToLong(this::frozenUntilNanos).min().orElseThrow();
    }
    return true;
  }

  private List<Task> runnable() {
    if (frozenUntilNanos.isEmpty()) {
      return ready;
    }
    frozenUntilNanos.values().removeIf(untilNanos -> untilNanos <= nowNanos);
    return ready.stream().filter(task -> !frozenUntilNanos.containsKey(task.host)).toList();
  }

  private long frozenUntilNanos(Task task) {
    return frozenUntilNanos.getOrDefault(task.host, 0L);
  }
}
