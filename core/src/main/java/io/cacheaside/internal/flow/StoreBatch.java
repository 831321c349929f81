package io.cacheaside.internal.flow;

import io.cacheaside.store.Store;

/** Commands that a store sends together, each of them once. */
public final class StoreBatch {
  private StoreBatch() {}

  /**
   * Lets a store send commands together: runs them once and on this thread, also if the store does
   * not run what it is given, or lets another thread run it.
   */
  public static void together(Store store, Runnable commands) {
    Once once = new Once(commands);
    store.batch(once);
    once.run();
  }

  /** Runs something the first time that its own thread asks for it. */
  static final class Once implements Runnable {
    private final Thread thread = Thread.currentThread();
    private final Runnable action;
    private boolean done;

    Once(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      if (Thread.currentThread() == thread && !done) {
        done = true;
        action.run();
      }
    }
  }
}
