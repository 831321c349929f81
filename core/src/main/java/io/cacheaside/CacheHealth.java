package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a cache at one moment, as a health check wants it. Immutable and thread-safe. Two
 * are equal if all they say is.
 *
 * <p>Caches make these. It may say more in a later version, so that other implementations may not
 * compile with that.
 */
public interface CacheHealth {
  /** Returns the state in one word. */
  Status status();

  /** Returns how long the store took to answer; null if it did not. */
  @Nullable Duration roundTrip();

  /**
   * Returns why the store did not answer; or, if it did, what it has refused within the last
   * minute, such as to store anything; null if neither.
   */
  @Nullable Throwable failure();

  /** Returns how many invalidations are waiting to be repeated. */
  int unconfirmedInvalidations();

  /** The state of a cache in one word. */
  enum Status {
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
