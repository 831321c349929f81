package io.cacheaside;

import io.cacheaside.internal.entry.Printable;
import java.time.Duration;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What one read may ask for differently from the cache's settings. Immutable: each method returns
 * other options.
 *
 * <pre>{@code
 * ReadOptions.defaults().maxAge(Duration.ofSeconds(5))   // not older than that
 * ReadOptions.defaults().skipNear()                      // from the store
 * ReadOptions.defaults().strict()                        // from the store, and nothing stale
 * ReadOptions.defaults().forceRefresh()                  // load, and cache the result
 * ReadOptions.defaults().forceRefresh().doNotCache()     // read around the cache
 * }</pre>
 */
public final class ReadOptions {
  private static final ReadOptions DEFAULT =
      new ReadOptions(null, null, false, false, false, false);

  private final @Nullable Duration ttl;
  private final @Nullable Duration maxAge;
  private final boolean skipsNear;
  private final boolean strict;
  private final boolean forced;
  private final boolean uncached;

  private ReadOptions(
      @Nullable Duration ttl,
      @Nullable Duration maxAge,
      boolean skipsNear,
      boolean strict,
      boolean forced,
      boolean uncached) {
    this.ttl = ttl;
    this.maxAge = maxAge;
    this.skipsNear = skipsNear;
    this.strict = strict;
    this.forced = forced;
    this.uncached = uncached;
  }

  /** Returns options that change nothing. */
  public static ReadOptions defaults() {
    return DEFAULT;
  }

  /**
   * Returns these options with another time to live for what this read loads; an entry that is
   * found keeps its own. A loader that sets one goes before this.
   *
   * @param ttl with millisecond resolution; the cache's jitter applies. With less than a
   *     millisecond, zero or a negative time, what is loaded is returned and not cached. More than
   *     {@link io.cacheaside.store.Store#MAX_TTL} counts as that
   */
  public ReadOptions ttl(Duration ttl) {
    return new ReadOptions(
        Objects.requireNonNull(ttl, "ttl"), maxAge, skipsNear, strict, forced, uncached);
  }

  /**
   * Returns these options with a bound on the age of what this read returns: what was written
   * longer ago is loaded anew. It holds for stale values too. Costs one more command on the store,
   * in the same round trip.
   *
   * @param maxAge zero or more
   * @throws IllegalArgumentException if it is negative
   */
  public ReadOptions maxAge(Duration maxAge) {
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException("maxAge is " + Printable.of(maxAge) + "; use 0 s or more");
    }
    return new ReadOptions(ttl, maxAge, skipsNear, strict, forced, uncached);
  }

  /**
   * Returns these options without the near cache: the store is asked. It may have a stale value,
   * which is returned where the cache allows that.
   */
  public ReadOptions skipNear() {
    return new ReadOptions(ttl, maxAge, true, strict, forced, uncached);
  }

  /**
   * Returns these options without concessions: no stale value for whatever reason, and the store is
   * asked, whatever is known locally.
   */
  public ReadOptions strict() {
    return new ReadOptions(ttl, maxAge, true, true, forced, uncached);
  }

  /**
   * Returns these options with a load whatever is cached: one that began after the call. Its result
   * is cached; until then others read what is there.
   */
  public ReadOptions forceRefresh() {
    return new ReadOptions(ttl, maxAge, skipsNear, strict, true, uncached);
  }

  /** Returns these options without keeping what this read loads. */
  public ReadOptions doNotCache() {
    return new ReadOptions(ttl, maxAge, skipsNear, strict, forced, true);
  }

  /** Returns whether a value that is kept in this process will do. */
  public boolean acceptsNear() {
    return !skipsNear && !forced && maxAge == null;
  }

  /** Returns the time to live of what this read loads; null for the usual one. */
  public @Nullable Duration ttl() {
    return ttl;
  }

  /** Returns the bound on the age of what this read returns; null if there is none. */
  public @Nullable Duration maxAge() {
    return maxAge;
  }

  /** Returns whether this read makes no concessions. */
  public boolean isStrict() {
    return strict;
  }

  /** Returns whether this read loads whatever is cached. */
  public boolean isForced() {
    return forced;
  }

  /** Returns whether what this read loads is not kept. */
  public boolean isUncached() {
    return uncached;
  }

  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "ReadOptions[", "]");
    if (ttl != null) {
      text.add("ttl=" + Printable.of(ttl));
    }
    if (maxAge != null) {
      text.add("maxAge=" + Printable.of(maxAge));
    }
    add(text, "skipNear", skipsNear && !strict);
    add(text, "strict", strict);
    add(text, "forceRefresh", forced);
    add(text, "doNotCache", uncached);
    return text.toString();
  }

  private static void add(StringJoiner text, String option, boolean isSet) {
    if (isSet) {
      text.add(option);
    }
  }
}
