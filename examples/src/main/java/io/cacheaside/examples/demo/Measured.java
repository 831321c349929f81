package io.cacheaside.examples.demo;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * What something returned, how many queries it sent to the database, and how long it took.
 *
 * @param duration to be looked at: no scenario is decided by it
 */
record Measured<T>(T result, long queries, Duration duration) {

  /** Runs something while nothing else uses the database. */
  static <T> Measured<T> of(Database database, Supplier<T> something) {
    long queries = database.queries();
    long start = System.nanoTime();
    T result = something.get();
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    return new Measured<>(result, database.queries() - queries, duration);
  }
}
