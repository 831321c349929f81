package io.cacheaside.internal.threads;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The timers of the JVM, and the daemon thread that runs them while there are any.
 *
 * <p>A caller may set or cancel a timer on the last of its stack. Each change of the map is one
 * compare-and-set, so an overflow leaves it whole. It would break the heap of a {@code
 * ScheduledThreadPoolExecutor}, and with it all timers, for good.
 */
final class Timers {
  private static final long LONGEST_DELAY_NANOS = Long.MAX_VALUE / 4;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * An {@code Error} may have kept another thread from waking this one; so it looks now and then.
   */
  private static final long LONGEST_PARK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ConcurrentNavigableMap<Due, Runnable> pending = new ConcurrentSkipListMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile @Nullable Thread thread;

  /** When a timer is due; the number tells those of one moment apart. */
  private record Due(long nanos, long number) implements Comparable<Due> {

    @Override
    public int compareTo(Due other) {
      long later = nanos - other.nanos;
      return later == 0 ? Long.compare(number, other.number) : Long.signum(later);
    }
  }

  Environment.Timer schedule(Duration delay, Runnable task) {
    long delayNanos = Math.min(TimeUnit.NANOSECONDS.convert(delay), LONGEST_DELAY_NANOS);
    Due due = new Due(System.nanoTime() + delayNanos, numbers.getAndIncrement());
    pending.put(due, task);
    try {
      wakeFor(due);
    } catch (Throwable thrown) {
      pending.remove(due);
      throw thrown;
    }
    return () -> pending.remove(due);
  }

  private void wakeFor(Due due) {
    Thread running = thread;
    if (running == null) {
      start();
      return;
    }
    Map.Entry<Due, Runnable> first = pending.firstEntry();
    if (first != null && first.getKey().equals(due)) {
      LockSupport.unpark(running);
    }
  }

  private synchronized void start() {
    if (thread == null) {
      Thread started = new Thread(this::run, "cache-aside-timer");
      started.setDaemon(true);
      started.start();
      thread = started;
    }
  }

  private void run() {
    do {
      runDue();
      thread = null;
    } while (!pending.isEmpty() && resume());
  }

  /** Returns whether this thread goes on, because a timer was set while it was about to end. */
  private synchronized boolean resume() {
    boolean needed = thread == null;
    if (needed) {
      thread = Thread.currentThread();
    }
    return needed;
  }

  /** Runs each task when it is due, until there has been none for a while. */
  private void runDue() {
    long idleSinceNanos = System.nanoTime();
    while (!pending.isEmpty() || System.nanoTime() - idleSinceNanos < IDLE_NANOS) {
      Map.Entry<Due, Runnable> first = pending.firstEntry();
      long leftNanos =
          first == null ? LONGEST_PARK_NANOS : first.getKey().nanos() - System.nanoTime();
      if (first == null || leftNanos > 0) {
        LockSupport.parkNanos(this, Math.min(leftNanos, LONGEST_PARK_NANOS));
        Thread.interrupted(); // a thread that is interrupted does not park
      } else if (pending.remove(first.getKey(), first.getValue())) {
        run(first.getValue());
      }
      if (first != null) {
        idleSinceNanos = System.nanoTime();
      }
    }
  }

  /** What a task throws is its own failure, and no other one's. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable thrown) {
      Thread current = Thread.currentThread();
      current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
    }
  }
}
