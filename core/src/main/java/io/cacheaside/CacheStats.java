package io.cacheaside;

import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;

/**
 * Counts of one cache since it was built, at one moment. Each is exact; together they may be a
 * moment apart.
 *
 * @param hits reads answered by the first look at the cache, with cached absences and stale values
 *     that were returned at once
 * @param misses reads that were not
 * @param loads loads that succeeded, with a value or with "the source has nothing"
 * @param loadFailures loads that threw, took longer than the load timeout or found no thread
 * @param loadTime the total time that loads took, failed ones included; a bulk load counts for each
 *     of its keys, with the time of the whole
 * @param coalesced misses that were answered by the load of another caller, here or elsewhere
 * @param fills loaded values that were stored
 * @param refusedFills loaded values that were not stored because the key or a tag was invalidated,
 *     or the lease lost, while they were loaded: each one that other caches might have kept though
 *     it was stale
 * @param skippedFills loaded values that were not stored for another reason: too large, not
 *     encodable, {@code ttlFunction} or {@code version} threw, or the store failed
 * @param invalidations keys, tags and patterns invalidated; {@code clear} counts as one
 * @param decodeFailures entries that were not readable as values of this cache and key
 * @param storeFailures operations that the store failed
 * @param storeSkips operations for which the store was not asked, because it had timed out
 *     repeatedly
 * @param staleServed stale values that were returned
 * @param fallbacksServed fallback values that were returned
 * @param refreshes loads in the background of values that were still fresh, or stale
 * @param sharedFailures reads that met a failure of another process, or an earlier one, also if
 *     something else was returned instead
 * @param rejectedLoads loads that found no place among those running and waiting
 * @param cancelledLoads loads that were given up because nobody waited for them any more
 * @param replayedInvalidations invalidations that had failed and were repeated with success
 * @param unconfirmedInvalidations invalidations that are waiting to be repeated, at this moment;
 *     what they are about is read around the cache
 * @param nearHits hits that were answered by the near cache; they are among {@code hits}
 * @param nearEntries entries in the near cache at this moment, outdated ones included
 * @param nearEvictions entries that the near cache dropped for lack of room
 * @param changesTold changes of keys that the store has told of, of this process included
 * @param flushes how often all near entries were outdated at once, by each cause
 * @param timeUntold for how long changes made elsewhere could not be told within the shortest
 *     {@code maxStaleness} of the caches on the store, to within a quarter of it; counted while
 *     there are caches with near entries
 * @param propagation within which time a change that was made elsewhere was told here, at most: how
 *     long the store took to prove that it had told of everything, asked again and again while
 *     there are caches with near entries. For a change, it is the time from its confirmation by the
 *     server to the moment from which no near value from before is used. Empty for a store that
 *     tells of changes as they are made, such as {@link io.cacheaside.store.InMemoryStore}
 */
public record CacheStats(
    long hits,
    long misses,
    long loads,
    long loadFailures,
    Duration loadTime,
    long coalesced,
    long fills,
    long refusedFills,
    long skippedFills,
    long invalidations,
    long decodeFailures,
    long storeFailures,
    long storeSkips,
    long staleServed,
    long fallbacksServed,
    long refreshes,
    long sharedFailures,
    long rejectedLoads,
    long cancelledLoads,
    long replayedInvalidations,
    long unconfirmedInvalidations,
    long nearHits,
    long nearEntries,
    long nearEvictions,
    long changesTold,
    Map<ChangeListener.Cause, Long> flushes,
    Duration timeUntold,
    LatencyHistogram propagation) {

  public CacheStats {
    flushes = Map.copyOf(flushes);
  }

  /** Returns hits divided by reads, between 0.0 and 1.0; 0.0 if there were no reads. */
  public double hitRatio() {
    long reads = hits + misses;
    return reads == 0 ? 0.0 : (double) hits / reads;
  }

  /** Returns the hits that were answered by the store: those that were not near. */
  public long remoteHits() {
    return hits - nearHits;
  }

  /** Returns the average time of a load; zero if there were none. */
  public Duration averageLoadTime() {
    long ended = loads + loadFailures;
    return ended == 0 ? Duration.ZERO : loadTime.dividedBy(ended);
  }
}
