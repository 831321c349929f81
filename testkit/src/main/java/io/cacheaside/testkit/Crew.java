package io.cacheaside.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads that an assertion lets loose, all at the same moment.
 *
 * @param <T> what each brings back
 */
final class Crew<T> {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration END = Duration.ofSeconds(5);

  private final List<Thread> threads = new ArrayList<>();
  private final List<FutureTask<T>> tasks = new ArrayList<>();
  private final CountDownLatch begin = new CountDownLatch(1);

  /** Adds a thread, which waits for {@link #begin}. */
  void add(String name, Callable<T> work) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              begin.await();
              return work.call();
            });
    tasks.add(task);
    threads.add(daemon(name, task));
  }

  void begin() {
    threads.forEach(Thread::start);
    begin.countDown();
  }

  /** Returns whether each thread has ended, or does nothing but wait. */
  boolean allWait() {
    return threads.stream().allMatch(Crew::waits);
  }

  private static boolean waits(Thread thread) {
    return switch (thread.getState()) {
      case WAITING, TIMED_WAITING, BLOCKED, TERMINATED -> true;
      case NEW, RUNNABLE -> false;
    };
  }

  /**
   * Waits for what all of them bring back.
   *
   * @throws AssertionError one of them failed or does not end
   */
  List<T> results() {
    List<T> results = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      results.add(result(i));
    }
    return results;
  }

  private T result(int index) {
    Thread thread = threads.get(index);
    try {
      return tasks.get(index).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof AssertionError failed
          ? failed
          : new AssertionError(thread.getName() + " failed", e.getCause());
    } catch (TimeoutException e) {
      AssertionError hanging = new AssertionError(thread.getName() + " hangs here", e);
      hanging.setStackTrace(thread.getStackTrace());
      throw hanging;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Interrupts the threads that are left and waits for their end. */
  void end() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(END.toMillis());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting", e);
  }

  /** Runs a task on a thread of its own. */
  static void startThread(Runnable task) {
    daemon("load", task).start();
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
