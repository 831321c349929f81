package io.cacheaside.internal.lease;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.read.Snapshot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * For how long a failed load keeps further loads of its key away: doubled each time, with jitter.
 */
public final class FailureBackoff {
  private static final Duration FIRST_WITH_STALE = Duration.ofSeconds(1);
  private static final Duration LONGEST_WITH_STALE = Duration.ofSeconds(30);

  private final Environment environment;
  private final @Nullable Duration first;
  private final Duration longest;
  private final boolean keepsStale;

  /**
   * Creates a back-off.
   *
   * @param first for how long a first failure holds loads back; null if only those are held back
   *     that have a stale value to go on with
   * @param keepsStale whether the cache keeps stale values
   */
  public FailureBackoff(
      Environment environment, @Nullable Duration first, Duration longest, boolean keepsStale) {
    this.environment = environment;
    this.first = first;
    this.longest = longest;
    this.keepsStale = keepsStale;
  }

  /**
   * Returns how long to hold loads back; zero if not at all.
   *
   * @param failures how many loads have failed in a row; at least 1
   * @param hasStale whether there is an old value to go on with
   */
  Duration after(int failures, boolean hasStale) {
    if (first != null) {
      return jittered(first, longest, failures);
    }
    return hasStale && keepsStale
        ? jittered(FIRST_WITH_STALE, LONGEST_WITH_STALE, failures)
        : Duration.ZERO;
  }

  /**
   * Returns whether a failure that was found holds loads back at this moment: for as long as it
   * says, and never for longer than this cache would hold them back itself. One that has a longer
   * time to live than it was written with, or none, tells nothing of its age, and holds none back.
   *
   * @param hasStale as for {@link #after}
   */
  public boolean holdsBack(Snapshot failure, boolean hasStale) {
    Entry note = failure.entry();
    Duration most = longest(hasStale);
    Duration remaining = failure.remaining();
    return note.is(Entry.Kind.FAILURE)
        && remaining != null
        && remaining.compareTo(note.ttl()) <= 0
        && failure.age().compareTo(note.fresh().compareTo(most) < 0 ? note.fresh() : most) < 0;
  }

  /** Returns for how long a failure may hold loads back; zero if it may not. */
  public Duration longest(boolean hasStale) {
    if (first != null) {
      return longest;
    }
    return hasStale && keepsStale ? LONGEST_WITH_STALE : Duration.ZERO;
  }

  private Duration jittered(Duration from, Duration to, int failures) {
    double millis =
        Math.min(Math.scalb((double) from.toMillis(), failures - 1), (double) to.toMillis());
    return Duration.ofMillis(Math.max(1, (long) (millis * (0.5 + environment.random() / 2))));
  }
}
