package io.cacheaside;

import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Counts of one cache since it was built, at one moment. Each is exact; together they may be a
 * moment apart. Immutable and thread-safe. Two are equal if all their counts are.
 */
public final class CacheStats {
  private final Counts counts;

  CacheStats(Counts counts) {
    this.counts = counts;
  }

  /** All that is counted. The meaning of each is that of the accessor of the same name. */
  record Counts(
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

    Counts {
      flushes = Map.copyOf(flushes);
    }
  }

  /**
   * Returns how many reads the first look at the cache answered. Cached absences and stale values
   * that were returned at once count.
   */
  public long hits() {
    return counts.hits();
  }

  /** Returns how many reads it did not answer. */
  public long misses() {
    return counts.misses();
  }

  /** Returns how many loads succeeded, with a value or with "the source has nothing". */
  public long loads() {
    return counts.loads();
  }

  /** Returns how many loads threw, took longer than the load timeout or found no thread. */
  public long loadFailures() {
    return counts.loadFailures();
  }

  /**
   * Returns the total time of all loads, failed ones included. A bulk load counts for each of its
   * keys, with the time of the whole.
   */
  public Duration loadTime() {
    return counts.loadTime();
  }

  /** Returns how many misses the load of another caller answered, here or in another process. */
  public long coalesced() {
    return counts.coalesced();
  }

  /** Returns how many loaded values were stored. */
  public long fills() {
    return counts.fills();
  }

  /**
   * Returns how many loaded values were not stored because the key or a tag was invalidated, or the
   * lease lost, while they were loaded. Each may have been stale.
   */
  public long refusedFills() {
    return counts.refusedFills();
  }

  /**
   * Returns how many loaded values were not stored for another reason: too large, not encodable,
   * {@code ttlFunction} or {@code version} threw, or the store failed.
   */
  public long skippedFills() {
    return counts.skippedFills();
  }

  /** Returns how many keys, tags and patterns were invalidated. {@code clear} counts as one. */
  public long invalidations() {
    return counts.invalidations();
  }

  /** Returns how many entries were not readable as values of this cache and key. */
  public long decodeFailures() {
    return counts.decodeFailures();
  }

  /** Returns how many operations of the store failed. */
  public long storeFailures() {
    return counts.storeFailures();
  }

  /** Returns how many operations were not sent to the store because it had timed out repeatedly. */
  public long storeSkips() {
    return counts.storeSkips();
  }

  /** Returns how many stale values were returned. */
  public long staleServed() {
    return counts.staleServed();
  }

  /** Returns how many fallback values were returned. */
  public long fallbacksServed() {
    return counts.fallbacksServed();
  }

  /** Returns how many values were reloaded in the background, still fresh or stale. */
  public long refreshes() {
    return counts.refreshes();
  }

  /**
   * Returns how many reads met the failure of another process, or an earlier one. They count also
   * if they returned something else instead.
   */
  public long sharedFailures() {
    return counts.sharedFailures();
  }

  /** Returns how many loads were rejected because too many were running and waiting. */
  public long rejectedLoads() {
    return counts.rejectedLoads();
  }

  /** Returns how many loads were given up because no caller waited for them any more. */
  public long cancelledLoads() {
    return counts.cancelledLoads();
  }

  /** Returns how many invalidations had failed and were repeated successfully. */
  public long replayedInvalidations() {
    return counts.replayedInvalidations();
  }

  /**
   * Returns how many invalidations wait to be repeated at this moment. Reads of their keys bypass
   * the cache.
   */
  public long unconfirmedInvalidations() {
    return counts.unconfirmedInvalidations();
  }

  /** Returns how many of the {@linkplain #hits hits} the near cache answered. */
  public long nearHits() {
    return counts.nearHits();
  }

  /** Returns how many entries the near cache has at this moment, outdated ones included. */
  public long nearEntries() {
    return counts.nearEntries();
  }

  /** Returns how many entries the near cache dropped to stay within its bound. */
  public long nearEvictions() {
    return counts.nearEvictions();
  }

  /** Returns how many changes of keys the store has reported, those of this process included. */
  public long changesTold() {
    return counts.changesTold();
  }

  /**
   * Returns how often all near entries were outdated at once, by cause. Unmodifiable; has each
   * cause.
   */
  public Map<ChangeListener.Cause, Long> flushes() {
    return counts.flushes();
  }

  /**
   * Returns for how long the store could not report changes made elsewhere within the shortest
   * {@code maxStaleness} of the caches on it, to within a quarter of that. Counted while there are
   * caches with near entries.
   */
  public Duration timeUntold() {
    return counts.timeUntold();
  }

  /**
   * Returns within which time changes made elsewhere were reported here, at most: how long the
   * store took to prove that it had reported everything. It is asked again and again while there
   * are caches with near entries. For a change, it is the time from its confirmation by the server
   * until no near value from before is used. Empty for a store that reports changes as they are
   * made, such as {@link io.cacheaside.store.InMemoryStore}.
   */
  public LatencyHistogram propagation() {
    return counts.propagation();
  }

  /** Returns hits divided by reads, between 0.0 and 1.0; 0.0 if there were no reads. */
  public double hitRatio() {
    long reads = hits() + misses();
    return reads == 0 ? 0.0 : (double) hits() / reads;
  }

  /** Returns how many hits the store answered: those that were not near. */
  public long remoteHits() {
    return hits() - nearHits();
  }

  /** Returns the average time of a load; zero if there were none. */
  public Duration averageLoadTime() {
    long ended = loads() + loadFailures();
    return ended == 0 ? Duration.ZERO : loadTime().dividedBy(ended);
  }

  /** Returns the counts that are not zero, in one line. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "CacheStats[", "]");
    text.add("hits=" + hits()).add("misses=" + misses());
    add(text, "loads", loads());
    add(text, "loadFailures", loadFailures());
    add(text, "averageLoadTime", averageLoadTime());
    add(text, "coalesced", coalesced());
    add(text, "fills", fills());
    add(text, "refusedFills", refusedFills());
    add(text, "skippedFills", skippedFills());
    add(text, "invalidations", invalidations());
    add(text, "decodeFailures", decodeFailures());
    add(text, "storeFailures", storeFailures());
    add(text, "storeSkips", storeSkips());
    add(text, "staleServed", staleServed());
    add(text, "fallbacksServed", fallbacksServed());
    add(text, "refreshes", refreshes());
    add(text, "sharedFailures", sharedFailures());
    add(text, "rejectedLoads", rejectedLoads());
    add(text, "cancelledLoads", cancelledLoads());
    add(text, "replayedInvalidations", replayedInvalidations());
    add(text, "unconfirmedInvalidations", unconfirmedInvalidations());
    add(text, "nearHits", nearHits());
    add(text, "nearEntries", nearEntries());
    add(text, "nearEvictions", nearEvictions());
    add(text, "changesTold", changesTold());
    for (ChangeListener.Cause cause : ChangeListener.Cause.values()) {
      add(text, "flushes." + cause, flushes().getOrDefault(cause, 0L));
    }
    add(text, "timeUntold", timeUntold());
    propagation().percentile(0.99).ifPresent(most -> add(text, "propagation99", most));
    return text.toString();
  }

  private static void add(StringJoiner text, String name, long count) {
    if (count != 0) {
      text.add(name + "=" + count);
    }
  }

  private static void add(StringJoiner text, String name, Duration time) {
    if (!time.isZero()) {
      long micros = time.toNanos() / 1_000;
      text.add(name + "=" + micros / 1e3 + " ms");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheStats stats && counts.equals(stats.counts);
  }

  @Override
  public int hashCode() {
    return counts.hashCode();
  }
}
