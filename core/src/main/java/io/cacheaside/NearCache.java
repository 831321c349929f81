package io.cacheaside;

import io.cacheaside.internal.entry.Printable;
import java.time.Duration;

/**
 * How a cache keeps values in this process, so that reads of hot keys need no round trip.
 * Immutable: each method returns other settings.
 *
 * <pre>{@code
 * RedisStore redis = RedisStore.connect("redis://localhost:6379");
 * CacheAside<String, String> users =
 *     CacheAside.builder("users", Codec.string())
 *         .store(redis)
 *         .nearCache(NearCache.ofEntries(10_000))
 *         .build();
 * }</pre>
 *
 * <p><b>How old a near value may be.</b> The store tells this process when a key that it has read
 * changes, and the near value is gone. Since a connection may be cut without a sign, near values
 * are served only while the connection has proved within {@link #maxStaleness} that nothing was
 * missed; without such a proof the store is asked. So a read that starts later than that after an
 * {@link CacheAside#invalidate invalidation} in another process has returned is never stale,
 * whatever happens to the connection; in the process that invalidated, no read is that starts after
 * it has returned. Reads with {@link ReadOptions#strict}, {@link ReadOptions#maxAge} or {@link
 * ReadOptions#forceRefresh} do not use near values.
 *
 * <p>Near values are kept as objects: no decoding on a hit, and callers share them. Values that are
 * mutable need {@link CacheAsideBuilder#copier}. Keys need {@code equals} and {@code hashCode} by
 * content, and must not be changed.
 */
public final class NearCache {
  private static final Duration DEFAULT_STALENESS = Duration.ofSeconds(1);
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final long maximum;
  private final boolean weighed;
  private final Duration maxStaleness;
  private final boolean absences;

  private NearCache(long maximum, boolean weighed, Duration maxStaleness, boolean absences) {
    this.maximum = maximum;
    this.weighed = weighed;
    this.maxStaleness = maxStaleness;
    this.absences = absences;
  }

  /**
   * Returns settings of a near cache for at most so many entries. Which ones it keeps is decided by
   * Caffeine, by how often and how recently they are read.
   *
   * @param maxEntries positive
   */
  public static NearCache ofEntries(long maxEntries) {
    return new NearCache(positive("maxEntries", maxEntries), false, DEFAULT_STALENESS, false);
  }

  /**
   * Returns settings of a near cache for entries that together have at most so many bytes. An entry
   * counts as the bytes of its encoded value and its key, and 128 more; decoded objects are often
   * larger than that.
   *
   * @param maxBytes positive
   */
  public static NearCache ofBytes(long maxBytes) {
    return new NearCache(positive("maxBytes", maxBytes), true, DEFAULT_STALENESS, false);
  }

  /**
   * Returns these settings with another bound for the time in which a near value may be served
   * without a proof that it is current. Default: 1 s. The store is asked for such a proof four
   * times within it.
   *
   * @param maxStaleness from 100 ms to 1 min
   */
  public NearCache maxStaleness(Duration maxStaleness) {
    if (maxStaleness.compareTo(SHORTEST) < 0 || maxStaleness.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "maxStaleness is "
              + Printable.of(maxStaleness)
              + "; use "
              + Printable.of(SHORTEST)
              + " to "
              + Printable.of(LONGEST));
    }
    return new NearCache(maximum, weighed, maxStaleness, absences);
  }

  /**
   * Returns these settings with "the source has nothing" kept near too, where {@link
   * CacheAsideBuilder#absentTtl} caches it. Default: only values are.
   */
  public NearCache withAbsences() {
    return withAbsences(true);
  }

  NearCache withAbsences(boolean kept) {
    return new NearCache(maximum, weighed, maxStaleness, kept);
  }

  /** Returns these settings with the bound of others. */
  NearCache boundedAs(NearCache bound) {
    return new NearCache(bound.maximum, bound.weighed, maxStaleness, absences);
  }

  private static long positive(String property, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(property + " is " + value + "; use 1 or more");
    }
    return value;
  }

  /** Returns the bound: a number of entries, or of bytes if they are weighed. */
  public long maximum() {
    return maximum;
  }

  /** Returns whether the bound is one on bytes. */
  public boolean isWeighed() {
    return weighed;
  }

  /** Returns for how long a near value may be served without a proof that it is current. */
  public Duration maxStaleness() {
    return maxStaleness;
  }

  /** Returns whether absences are kept, too. */
  public boolean keepsAbsences() {
    return absences;
  }

  @Override
  public String toString() {
    return "NearCache["
        + (weighed ? "maxBytes=" : "maxEntries=")
        + maximum
        + ", maxStaleness="
        + Printable.of(maxStaleness)
        + (absences ? ", withAbsences" : "")
        + "]";
  }
}
