package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a cache as a health check wants it.
 *
 * @param status in one word
 * @param roundTrip how long the store took to answer; null if it did not
 * @param failure why the store did not answer; or, if it did, what it has refused within the last
 *     minute, such as to store anything; null if neither
 * @param unconfirmedInvalidations how many invalidations are waiting to be repeated
 */
public record CacheHealth(
    Status status,
    @Nullable Duration roundTrip,
    @Nullable Throwable failure,
    int unconfirmedInvalidations) {

  /** The state of a cache in one word. */
  public enum Status {
    /** The store answers, and no invalidation is waiting for it. */
    UP,
    /**
     * The store does not answer, so that reads come from the source and invalidations fail visibly.
     * Or it refuses to read or to store: no permission, out of memory, a replica. Or some
     * invalidations are not confirmed yet.
     */
    DEGRADED,
    /** The cache has been closed. */
    CLOSED
  }
}
