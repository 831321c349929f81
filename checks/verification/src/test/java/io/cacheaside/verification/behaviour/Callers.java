package io.cacheaside.verification.behaviour;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The concurrent callers of a test, each a thread of its own. */
final class Callers {
  static final Duration DEADLINE = Duration.ofSeconds(60);

  private final List<Thread> threads = new ArrayList<>();

  /** One call under way. */
  static final class Call<T extends @Nullable Object> {
    private final FutureTask<T> task;
    private final Thread thread;

    private Call(FutureTask<T> task) {
      this.task = task;
      this.thread = daemon(task);
    }

    boolean isDone() {
      return task.isDone();
    }

    /** Returns whether the caller's thread does nothing but wait for something. */
    boolean isWaiting() {
      Thread.State state = thread.getState();
      return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    void interrupt() {
      thread.interrupt();
    }

    /** Waits for the result. */
    T result() throws Exception {
      try {
        return task.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError("The call failed", e.getCause());
      } catch (TimeoutException e) {
        throw hanging();
      }
    }

    /** Waits for what the call throws. */
    Throwable failure() throws Exception {
      try {
        T result = task.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        throw new AssertionError("The call returned " + result);
      } catch (ExecutionException e) {
        return e.getCause();
      } catch (TimeoutException e) {
        throw hanging();
      }
    }

    private AssertionError hanging() {
      AssertionError hanging = new AssertionError("Hangs here for " + DEADLINE.toSeconds() + " s");
      hanging.setStackTrace(thread.getStackTrace());
      return hanging;
    }
  }

  static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "caller");
    thread.setDaemon(true);
    return thread;
  }

  <T extends @Nullable Object> Call<T> start(Callable<T> call) {
    Call<T> started = new Call<>(new FutureTask<>(call));
    threads.add(started.thread);
    started.thread.start();
    return started;
  }

  /** Starts callers that all begin at the same moment. */
  <T extends @Nullable Object> List<Call<T>> start(int count, Callable<T> call) {
    CountDownLatch ready = new CountDownLatch(count);
    List<Call<T>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(
          start(
              () -> {
                ready.countDown();
                ready.await();
                return call.call();
              }));
    }
    return calls;
  }

  static <T extends @Nullable Object> List<T> results(List<Call<T>> calls) throws Exception {
    List<T> results = new ArrayList<>();
    for (Call<T> call : calls) {
      results.add(call.result());
    }
    return results;
  }

  static List<Throwable> failures(List<? extends Call<?>> calls) throws Exception {
    List<Throwable> failures = new ArrayList<>();
    for (Call<?> call : calls) {
      failures.add(call.failure());
    }
    return failures;
  }

  /** Ends them all. */
  void end() throws InterruptedException {
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join(DEADLINE.toMillis());
    }
  }
}
