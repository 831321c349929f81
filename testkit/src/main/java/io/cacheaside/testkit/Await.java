package io.cacheaside.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition that lives outside this JVM, where nothing can notify us. */
final class Await {

  private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

  private Await() {}

  /**
   * Polls until {@code condition} holds.
   *
   * @param failure the message if it does not hold within {@code limit}
   * @throws IllegalStateException after {@code limit}, or when interrupted (the flag stays set)
   */
  static void until(Duration limit, Supplier<String> failure, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new IllegalStateException("after " + limit.toSeconds() + " s: " + failure.get());
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted while waiting: " + failure.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
