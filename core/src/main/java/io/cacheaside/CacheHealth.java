package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a cache as a health check wants it.
 *
 * @param status in one word
 * @param roundTrip how long the store took to answer; null if it did not
 * @param failure why the store did not answer; null if it did
 */
public record CacheHealth(
    Status status, @Nullable Duration roundTrip, @Nullable Throwable failure) {

  /** The state of a cache in one word. */
  public enum Status {
    /** The store answers. */
    UP,
    /** The store does not answer: reads come from the source, invalidations fail visibly. */
    DEGRADED,
    /** The cache has been closed. */
    CLOSED
  }
}
