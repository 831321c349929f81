package io.cacheaside.internal.read;

import io.cacheaside.EarlyRefresh;
import io.cacheaside.Environment;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.Entry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Judges what a read may do with an entry that it found, by its age alone: the time to live that is
 * in the entry less the time that the store says remains.
 */
public final class Freshness {
  private static final Duration WHILE_REFRESHED = Duration.ofMillis(500);

  private final Environment environment;
  private final Duration staleWhileRevalidate;
  private final Duration staleIfError;
  private final @Nullable EarlyRefresh earlyRefresh;

  /** What a read does with an entry. */
  public enum Verdict {
    /** Use it. */
    FRESH,
    /** Use it, and load it anew in the background before it is too old. */
    EARLY,
    /** Use it although it is too old, and load it anew in the background. */
    STALE,
    /** Load first. */
    EXPIRED
  }

  public Freshness(
      Environment environment,
      Duration staleWhileRevalidate,
      Duration staleIfError,
      @Nullable EarlyRefresh earlyRefresh) {
    this.environment = environment;
    this.staleWhileRevalidate = staleWhileRevalidate;
    this.staleIfError = staleIfError;
    this.earlyRefresh = earlyRefresh;
  }

  /** Returns whether a read has to ask for the age of what it finds. */
  boolean needsAge(ReadOptions options) {
    return options.maxAge() != null
        || options.isForced()
        || earlyRefresh != null
        || !staleWhileRevalidate.isZero()
        || !staleIfError.isZero();
  }

  public Verdict judge(Snapshot snapshot, ReadOptions options) {
    if (options.isForced() || exceedsMaxAge(snapshot, options)) {
      return Verdict.EXPIRED;
    }
    Entry entry = snapshot.entry();
    if (snapshot.remaining() == null || !entry.is(Entry.Kind.VALUE)) {
      return Verdict.FRESH;
    }
    Duration age = snapshot.age();
    if (entry.isFreshAt(age)) {
      return isDue(entry, age) ? Verdict.EARLY : Verdict.FRESH;
    }
    return !options.isStrict() && isWithin(staleWhileRevalidate, entry, age)
        ? Verdict.STALE
        : Verdict.EXPIRED;
  }

  /**
   * Returns how long what was found may be used without another read: until it is stale, or due to
   * be refreshed early. What is due already is used for a moment, in which it is refreshed. The
   * time that remains may be that of the state before; the entry knows how long its own can be.
   */
  public Duration usable(Snapshot snapshot) {
    Entry entry = snapshot.entry();
    if (snapshot.remaining() == null) {
      return Duration.ZERO;
    }
    Duration remaining = shorter(snapshot.remaining(), entry.ttl());
    if (!entry.is(Entry.Kind.VALUE)) {
      return remaining;
    }
    if (entry.isMarkedStale()) {
      return Duration.ZERO;
    }
    Duration fresh = remaining.minus(entry.ttl().minus(entry.fresh()));
    Duration early = fresh.minus(lead(entry));
    return early.isNegative() && !fresh.isNegative() && earlyRefresh != null
        ? shorter(fresh, WHILE_REFRESHED)
        : early;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Returns how long before its end a value is due to be refreshed. */
  private Duration lead(Entry entry) {
    long fresh = entry.fresh().toMillis();
    if (earlyRefresh instanceof EarlyRefresh.After after) {
      return Duration.ofMillis(fresh - (long) (fresh * after.fraction()));
    }
    Duration loadTime = entry.loadTime();
    if (earlyRefresh instanceof EarlyRefresh.XFetch xFetch && loadTime != null) {
      double lead = loadTime.toMillis() * xFetch.beta() * -Math.log(1 - environment.random());
      return Duration.ofMillis(Math.min((long) lead, fresh));
    }
    return Duration.ZERO;
  }

  /** Returns whether a value may be handed out instead of a load that failed or takes long. */
  public boolean mayStandIn(Snapshot snapshot, ReadOptions options) {
    return snapshot.entry().is(Entry.Kind.VALUE)
        && snapshot.remaining() != null
        && !options.isStrict()
        && !exceedsMaxAge(snapshot, options)
        && isWithin(staleIfError, snapshot.entry(), snapshot.age());
  }

  private static boolean exceedsMaxAge(Snapshot snapshot, ReadOptions options) {
    Duration maxAge = options.maxAge();
    return maxAge != null && snapshot.age().compareTo(maxAge) > 0;
  }

  private static boolean isWithin(Duration window, Entry entry, Duration age) {
    return !window.isZero() && age.compareTo(entry.fresh().plus(window)) < 0;
  }

  private boolean isDue(Entry entry, Duration age) {
    return earlyRefresh != null && age.plus(lead(entry)).compareTo(entry.fresh()) >= 0;
  }
}
