package io.cacheaside.internal.load;

import org.jspecify.annotations.Nullable;

/**
 * The thread of ours that runs a loader, so that an overdue one can be interrupted, and nothing
 * else that runs on that thread later.
 */
final class LoaderInterrupt {
  private @Nullable Thread running;
  private boolean interrupted;
  private boolean over;

  /** Begins on this thread; if it is over already, as interrupted as it would have been. */
  synchronized void enter() {
    running = Thread.currentThread();
    if (over) {
      interruptRunning();
    }
  }

  /** Takes the interrupt with it, if there was one of ours. */
  synchronized void leave() {
    if (interrupted && running != null) {
      Thread.interrupted();
    }
    running = null;
    interrupted = false;
  }

  /** Interrupts the loader, once however often this is called. */
  synchronized void interrupt() {
    if (!over) {
      over = true;
      interruptRunning();
    }
  }

  private void interruptRunning() {
    if (running != null) {
      interrupted = true;
      running.interrupt();
    }
  }
}
