package io.cacheaside;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How many loads of a cache may read the source at the same time, and who waits for a place.
 *
 * <p>After a cold start the bound rises from a tenth of its value to all of it over the warm-up
 * time, so that a store that came back empty does not turn all its misses into loads at once.
 *
 * <p>State is guarded by this object's monitor, in which nothing waits and nobody is called.
 */
final class Permits {
  private static final int RETRY_PARTS = 20;

  private final Environment environment;
  private final Executor executor;
  private final int bound;
  private final int maxQueued;
  private final Duration warmUp;
  private final Queue<Runnable> queue = new ArrayDeque<>();
  private int running;
  private long coldSinceNanos;
  private boolean warmingUp;
  private boolean timerSet;

  /**
   * Creates permits of which all are free.
   *
   * @param executor where those who waited go on
   */
  Permits(Environment environment, Settings settings, Executor executor) {
    this.environment = environment;
    this.executor = executor;
    this.bound = settings.maxConcurrentLoads();
    this.maxQueued = settings.maxQueuedLoads();
    this.warmUp = settings.warmUp();
    becomeCold();
  }

  /** Begins to warm up, because the store may be empty. */
  synchronized void becomeCold() {
    warmingUp = !warmUp.isZero();
    coldSinceNanos = environment.nanoTime();
  }

  /** Returns whether a load that came now would be rejected. */
  synchronized boolean isExhausted() {
    return queue.size() >= maxQueued && running >= limit();
  }

  synchronized boolean tryAcquire() {
    if (running >= limit() || !queue.isEmpty()) {
      return false;
    }
    running++;
    return true;
  }

  /**
   * Lets somebody wait for a place.
   *
   * @param granted runs once there is one, on the executor
   * @return whether there was room to wait
   */
  boolean queue(Runnable granted) {
    synchronized (this) {
      if (queue.size() >= maxQueued) {
        return false;
      }
      queue.add(granted);
    }
    grantWhatIsFree();
    return true;
  }

  void release() {
    synchronized (this) {
      running--;
    }
    grantWhatIsFree();
  }

  private void grantWhatIsFree() {
    for (Runnable next = nextGranted(); next != null; next = nextGranted()) {
      executor.execute(next);
    }
  }

  private synchronized @Nullable Runnable nextGranted() {
    if (queue.isEmpty()) {
      return null;
    }
    if (running < limit()) {
      running++;
      return queue.poll();
    }
    if (warmingUp && !timerSet) {
      timerSet = true;
      environment.schedule(warmUp.dividedBy(RETRY_PARTS), this::grantAfterPause);
    }
    return null;
  }

  private void grantAfterPause() {
    synchronized (this) {
      timerSet = false;
    }
    grantWhatIsFree();
  }

  private int limit() {
    if (!warmingUp) {
      return bound;
    }
    double warm = (double) (environment.nanoTime() - coldSinceNanos) / warmUp.toNanos();
    warmingUp = warm < 1.0;
    return warmingUp ? Math.max(1, (int) (bound * (0.1 + 0.9 * warm))) : bound;
  }
}
