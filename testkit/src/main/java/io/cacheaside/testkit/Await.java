package io.cacheaside.testkit;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition that lives outside this JVM, where nothing can notify us. */
final class Await {

  private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

  private Await() {}

  /**
   * Polls until {@code condition} holds. It does not hold yet when a server that is asked cannot be
   * reached or replies with an error, as servers do while their role changes.
   *
   * @param failure the message if it does not hold within {@code limit}
   * @throws IllegalStateException after {@code limit}, or when interrupted (the flag stays set)
   */
  static void until(Duration limit, Supplier<String> failure, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!holds(condition)) {
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new IllegalStateException("after " + limit.toSeconds() + " s: " + failure.get());
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted while waiting: " + failure.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (UncheckedIOException | CommandFailedException notYet) {
      return false;
    }
  }
}
