package io.cacheaside.internal.flow;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf an operation runs, and where its steps do: one after the other, never on a thread
 * of the network client.
 */
public interface Caller extends Executor {

  /**
   * Returns whether the caller has left, so that nothing of it may be run any more but clean-up.
   */
  boolean isGone();

  /** Returns whether the caller has left, or will at the next opportunity. */
  default boolean isLeaving() {
    return isGone();
  }

  /** Runs a hook when the caller is interrupted and leaves, at once if it has. */
  default void whenGone(Runnable hook) {}

  /** Drops a hook that is not needed any more. */
  default void forget(Runnable hook) {}

  /** Returns where the step that runs now collects its commands; null if they are sent at once. */
  default @Nullable Batch batch() {
    return null;
  }

  /** Sets where steps collect their commands. Steps of a caller that cannot collect send them. */
  default void collectIn(@Nullable Batch batch) {}

  /** Is told that an operation of the caller has ended, on the thread that ended it. */
  default void ended() {}

  /** Returns whether steps, loaders too, run on the very thread that waits for the answer. */
  boolean isWaitingThread();

  /** Returns whether its loaders block the thread they run on. */
  default boolean hasBlockingLoaders() {
    return isWaitingThread();
  }

  /** Returns a caller whose steps run on an executor, one at a time if they are chained. */
  static Caller on(Executor executor) {
    return on(executor, false);
  }

  /** Returns such a caller whose loaders block the thread they run on. */
  static Caller blockingOn(Executor executor) {
    return on(executor, true);
  }

  private static Caller on(Executor executor, boolean blockingLoaders) {
    return new Caller() {
      @Override
      public void execute(Runnable step) {
        executor.execute(step);
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
    };
  }
}
