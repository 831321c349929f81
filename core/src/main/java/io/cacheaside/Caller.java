package io.cacheaside;

import java.util.concurrent.Executor;

/**
 * On whose behalf an operation runs, and where its steps do: one after the other, never on a thread
 * of the network client.
 */
interface Caller extends Executor {

  /**
   * Returns whether the caller has left, so that nothing of it may be run any more but clean-up.
   */
  boolean isGone();

  /** Runs a hook when the caller is interrupted and leaves, at once if it has. */
  default void whenGone(Runnable hook) {}

  /** Is told that an operation of the caller has ended, on the thread that ended it. */
  default void ended() {}

  /** Returns whether steps, loaders too, run on the very thread that waits for the answer. */
  boolean isWaitingThread();

  /** Returns a caller whose steps run on an executor, one at a time if they are chained. */
  static Caller on(Executor executor) {
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
    };
  }
}
