package io.cacheaside;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for an operation and meanwhile runs its steps: what makes a synchronous face
 * out of an asynchronous engine while loaders and codecs stay on the caller's thread.
 *
 * <p>The waiting thread alone takes steps from the queue. Once it has left, with its answer or
 * interrupted, steps go to the fallback executor.
 */
final class CallerThread implements Caller {
  private final Thread thread = Thread.currentThread();
  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
  private final Executor fallback;
  private final String cacheName;
  private volatile boolean left;
  private volatile boolean interrupted;

  /** Only an operation that loads or waits has any. */
  private volatile @Nullable Queue<Runnable> leaveHooks;

  CallerThread(Executor fallback, String cacheName) {
    this.fallback = fallback;
    this.cacheName = cacheName;
  }

  @Override
  public void execute(Runnable step) {
    if (left) {
      fallback.execute(step);
      return;
    }
    steps.add(step);
    if (left) {
      handOver();
    } else {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public boolean isGone() {
    return interrupted;
  }

  @Override
  public void whenGone(Runnable hook) {
    leaveHooks().add(hook);
    if (interrupted) {
      runLeaveHooks();
    }
  }

  private synchronized Queue<Runnable> leaveHooks() {
    Queue<Runnable> hooks = leaveHooks;
    if (hooks == null) {
      hooks = new ConcurrentLinkedQueue<>();
      leaveHooks = hooks;
    }
    return hooks;
  }

  @Override
  public boolean isWaitingThread() {
    return true;
  }

  @Override
  public void ended() {
    if (Thread.currentThread() != thread) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Runs steps until the result is there, and returns or throws it.
   *
   * @param result whose end this caller is {@linkplain #ended told} of
   * @param checked what to throw instead of a checked exception
   */
  <T extends @Nullable Object> T await(
      CompletableFuture<T> result, Function<Throwable, RuntimeException> checked) {
    try {
      awaitDone(result);
    } finally {
      left = true;
      handOver();
    }
    if (!result.isCompletedExceptionally()) {
      return result.join();
    }
    throw unchecked(result.handle((value, e) -> e).join(), checked);
  }

  private void awaitDone(CompletableFuture<?> result) {
    while (!result.isDone()) {
      Runnable step = steps.poll();
      if (step != null) {
        step.run();
      } else if (thread.isInterrupted()) {
        interrupted = true;
        runLeaveHooks();
        throw new WaitInterruptedException(cacheName);
      } else if (!result.isDone()) {
        LockSupport.park(this);
      }
    }
  }

  private void runLeaveHooks() {
    Queue<Runnable> hooks = leaveHooks;
    if (hooks == null) {
      return;
    }
    for (Runnable hook = hooks.poll(); hook != null; hook = hooks.poll()) {
      hook.run();
    }
  }

  private static RuntimeException unchecked(
      Throwable failure, Function<Throwable, RuntimeException> checked) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException known ? known : checked.apply(failure);
  }

  private void handOver() {
    for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
      fallback.execute(step);
    }
  }

  /** Returns what a future failed with, without the wrapping of futures. */
  static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
