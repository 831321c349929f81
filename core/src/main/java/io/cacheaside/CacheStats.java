package io.cacheaside;

import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;

/**
 * Counts of one cache since it was built, at one moment. Each is exact; together they may be a
 * moment apart. Immutable and thread-safe. Two are equal if all their counts are. {@code toString}
 * has those that are not zero, in a line for each kind.
 *
 * <p>Caches make these. More counts may be added, so that other implementations may not compile
 * with a later version.
 */
public interface CacheStats {
  /**
   * Returns how many reads the first look at the cache answered. Cached absences and stale values
   * that were returned at once count.
   */
  long hits();

  /** Returns how many reads it did not answer. */
  long misses();

  /** Returns how many loads succeeded, with a value or with "the source has nothing". */
  long loads();

  /** Returns how many loads threw, took longer than the load timeout or found no thread. */
  long loadFailures();

  /**
   * Returns the total time of all loads, failed ones included. A bulk load counts for each of its
   * keys, with the time of the whole.
   */
  Duration loadTime();

  /** Returns how many misses the load of another caller answered, here or in another process. */
  long coalesced();

  /** Returns how many loaded values were stored. */
  long fills();

  /** Returns how many values and absences were stored by a put of any kind. */
  long puts();

  /**
   * Returns how many loaded values were not stored because the key or a tag was invalidated, or the
   * lease lost, while they were loaded. Each may have been stale.
   */
  long refusedFills();

  /**
   * Returns how many loaded values were not stored for another reason: too large, not encodable,
   * {@code ttlFunction} or {@code version} threw, or the store failed.
   */
  long skippedFills();

  /** Returns how many keys, tags and patterns were invalidated. {@code clear} counts as one. */
  long invalidations();

  /** Returns how many entries were not readable as values of this cache and key. */
  long decodeFailures();

  /** Returns how many operations of the store failed. */
  long storeFailures();

  /** Returns how many operations were not sent to the store because it had timed out repeatedly. */
  long storeSkips();

  /** Returns how many stale values were returned. */
  long staleServed();

  /** Returns how many fallback values were returned. */
  long fallbacksServed();

  /** Returns how many values were reloaded in the background, still fresh or stale. */
  long refreshes();

  /**
   * Returns how many reads met the failure of another process, or an earlier one. They count also
   * if they returned something else instead.
   */
  long sharedFailures();

  /** Returns how many loads were rejected because too many were running and waiting. */
  long rejectedLoads();

  /** Returns how many loads were given up because no caller waited for them any more. */
  long cancelledLoads();

  /** Returns how many invalidations had failed and were repeated successfully. */
  long replayedInvalidations();

  /**
   * Returns how many invalidations wait to be repeated at this moment. Reads of their keys bypass
   * the cache.
   */
  long unconfirmedInvalidations();

  /** Returns how many of the {@linkplain #hits hits} the near cache answered. */
  long nearHits();

  /** Returns how many entries the near cache has at this moment, outdated ones included. */
  long nearEntries();

  /** Returns how many entries the near cache dropped to stay within its bound. */
  long nearEvictions();

  /** Returns how many changes of keys the store has reported, those of this process included. */
  long changesTold();

  /**
   * Returns how often all near entries were outdated at once, by cause. Unmodifiable; has each
   * cause.
   */
  Map<ChangeListener.Cause, Long> flushes();

  /**
   * Returns for how long the store could not report changes made elsewhere within the shortest
   * {@code maxStaleness} of the caches on it, to within a quarter of that. Counted while there are
   * caches with near entries.
   */
  Duration timeUntold();

  /**
   * Returns within which time changes made elsewhere were reported here, at most: how long the
   * store took to prove that it had reported everything. It is asked again and again while there
   * are caches with near entries. For a change, it is the time from its confirmation by the server
   * until no near value from before is used. Empty for a store that reports changes as they are
   * made, such as {@link io.cacheaside.store.InMemoryStore}.
   */
  LatencyHistogram propagation();

  /** Returns hits divided by reads, between 0.0 and 1.0; 0.0 if there were no reads. */
  default double hitRatio() {
    long reads = hits() + misses();
    return reads == 0 ? 0.0 : (double) hits() / reads;
  }

  /** Returns how many hits the store answered: those that were not near. */
  default long remoteHits() {
    return hits() - nearHits();
  }

  /** Returns the average time of a load; zero if there were none. */
  default Duration averageLoadTime() {
    long ended = loads() + loadFailures();
    return ended == 0 ? Duration.ZERO : loadTime().dividedBy(ended);
  }
}
