package io.cacheaside;

import io.cacheaside.internal.threads.SystemEnvironment;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Time, threads and randomness of a cache: everything that makes two runs differ.
 *
 * <p>A cache takes all of it from here, so that a test can run it on virtual time, with a chosen
 * order of events and repeatable ids. Thread-safe; no method blocks.
 */
public interface Environment {

  /** Returns a monotonic time in nanoseconds, as {@link System#nanoTime()} does. */
  long nanoTime();

  /** Returns the executor on which asynchronous steps, loaders and listeners run. */
  Executor executor();

  /**
   * Creates threads for loads in the background that may block. A cache asks once, and shuts them
   * down when it is closed.
   *
   * @param cacheName for the names of the threads
   * @return the threads; null, as by default, if such loads are to run on the executor of the cache
   */
  default @Nullable ExecutorService newBackgroundThreads(String cacheName) {
    return null;
  }

  /**
   * Runs a task once after a delay, on any thread. The task is short and does not block.
   *
   * @param delay not negative
   * @return a handle that prevents the run if it has not begun
   */
  Timer schedule(Duration delay, Runnable task);

  /** Returns a random number from 0.0 inclusive to 1.0 exclusive, for jitter. */
  double random();

  /**
   * Fills an array with bytes that no other call, in this or another process, will ever return
   * again: from the operating system's generator, not from a seeded one.
   */
  void uniqueBytes(byte[] target);

  /** A scheduled task. */
  @FunctionalInterface
  interface Timer {
    /** Prevents the task from running, if it has not begun. Idempotent. */
    void cancel();
  }

  /**
   * Returns the environment of the running JVM: its monotonic clock, its common pool, virtual
   * threads for loads in the background (before JDK 21 up to 16 threads for each cache), one shared
   * daemon thread for timers, its secure random generator.
   */
  static Environment system() {
    return SystemEnvironment.INSTANCE;
  }
}
