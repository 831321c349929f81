package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a cached answer comes from, and what is known about it. Immutable and thread-safe. Two are
 * equal if all they say is.
 *
 * <p>Caches make these. It may say more in a later version, so that other implementations may not
 * compile with that.
 */
public interface Provenance {
  /** Returns where the answer was found. */
  Level level();

  /** Returns how long ago it was written, or given its time to live; never negative. */
  Duration age();

  /** Returns how long it will count as fresh at most; zero if it is stale. */
  Duration remaining();

  /** Returns how long the store will keep it at most, stale included. */
  Duration kept();

  /** Returns why it is stale; null if it is fresh. */
  @Nullable StaleReason staleReason();

  /**
   * Returns how long its load took, in milliseconds and at most 32.767 s; null if it was not loaded
   * but put, or is an absence.
   */
  @Nullable Duration loadTime();

  /** Where an answer was found. */
  enum Level {
    /**
     * The store, and the near cache too: a plain read would be answered there, with what may be
     * older by the near cache's {@code maxStaleness} if it was changed in another process.
     */
    NEAR,
    /** The store. */
    STORE
  }

  /** Why an answer is stale. */
  enum StaleReason {
    /** Its time to live is over. */
    EXPIRED,
    /** It was {@linkplain CacheAside#markStale marked}. */
    MARKED
  }
}
