package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where a cached answer comes from, and what is known about it. Immutable.
 *
 * @param level where it was found
 * @param age how long ago it was written, or given its time to live; never negative
 * @param remaining how long it will count as fresh at most; zero if it is stale
 * @param kept how long the store will keep it at most, stale included
 * @param staleReason why it is stale; null if it is fresh
 * @param loadTime how long its load took, in milliseconds and at most 32.767 s; null if it was not
 *     loaded but put, or is an absence
 */
public record Provenance(
    Level level,
    Duration age,
    Duration remaining,
    Duration kept,
    @Nullable StaleReason staleReason,
    @Nullable Duration loadTime) {

  /** Where an answer was found. */
  public enum Level {
    /**
     * The store, and the near cache too: a plain read would be answered there, with what may be
     * older by the near cache's {@code maxStaleness} if it was changed in another process.
     */
    NEAR,
    /** The store. */
    STORE
  }

  /** Why an answer is stale. */
  public enum StaleReason {
    /** Its time to live is over. */
    EXPIRED,
    /** It was {@linkplain CacheAside#markStale marked}. */
    MARKED
  }
}
