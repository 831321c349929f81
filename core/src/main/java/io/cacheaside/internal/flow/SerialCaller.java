package io.cacheaside.internal.flow;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A caller whose steps run on an executor, one after the other. */
public final class SerialCaller implements Caller {
  private final Executor executor;
  private final boolean blockingLoaders;
  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();
  private @Nullable Batch batch; // used by steps alone

  /** Creates a caller whose loaders do not block. */
  public SerialCaller(Executor executor) {
    this(executor, false);
  }

  /**
   * Creates a caller.
   *
   * @param blockingLoaders whether its loaders block the thread they run on
   */
  public SerialCaller(Executor executor, boolean blockingLoaders) {
    this.executor = executor;
    this.blockingLoaders = blockingLoaders;
  }

  @Override
  public void execute(Runnable step) {
    steps.add(step);
    if (pending.getAndIncrement() == 0) {
      try {
        executor.execute(this::drain);
      } catch (Throwable refused) {
        drop();
        throw refused;
      }
    }
  }

  /** Forgets what nobody will run, so that the next step begins a new queue. */
  private void drop() {
    do {
      steps.poll();
    } while (pending.decrementAndGet() > 0);
  }

  private void drain() {
    do {
      Runnable step = steps.poll();
      if (step != null) {
        runSafely(step);
      }
    } while (pending.decrementAndGet() > 0);
  }

  /** Runs a step; one that throws must not keep the next from running. */
  private static void runSafely(Runnable step) {
    try {
      step.run();
    } catch (Throwable failure) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }
  }

  @Override
  public @Nullable Batch batch() {
    return batch;
  }

  @Override
  public void collectIn(@Nullable Batch batch) {
    this.batch = batch;
  }

  @Override
  public boolean isGone() {
    return false;
  }

  @Override
  public boolean isWaitingThread() {
    return false;
  }

  @Override
  public boolean hasBlockingLoaders() {
    return blockingLoaders;
  }
}
