package io.cacheaside;

import io.cacheaside.store.ChangeFeed;
import org.jspecify.annotations.Nullable;

/** A decoded value kept in this process, and by what it is known to be current. Immutable. */
final class NearEntry<V> {
  private final @Nullable V value;
  private final int weight;
  private final int stripe;
  private final long epoch;
  private final ChangeFeed feed;
  private final long deadlineNanos;
  private final Sight @Nullable [] tags;

  /**
   * Creates an entry.
   *
   * @param value null if the source has nothing
   * @param sights all of which are watched
   * @param feed that of the key
   * @param deadlineNanos until when the value may be used
   */
  NearEntry(@Nullable V value, int weight, Sights sights, ChangeFeed feed, long deadlineNanos) {
    this.value = value;
    this.weight = weight;
    this.stripe = sights.key().stripe();
    this.epoch = sights.key().epoch();
    this.feed = feed;
    this.tags = sights.tags().isEmpty() ? null : sights.tags().toArray(Sight[]::new);
    this.deadlineNanos = deadlineNanos;
  }

  @Nullable V value() {
    return value;
  }

  int weight() {
    return weight;
  }

  /** Looks at a feed before the epoch, which then has grown with all that the feed covers. */
  boolean isCurrent(Changes changes, long nowNanos, long maxLagNanos) {
    return deadlineNanos - nowNanos > 0
        && feed.isComplete(nowNanos, maxLagNanos)
        && changes.epochAt(stripe) == epoch
        && (tags == null || areCurrent(tags, changes, nowNanos, maxLagNanos));
  }

  private static boolean areCurrent(
      Sight[] tags, Changes changes, long nowNanos, long maxLagNanos) {
    for (Sight tag : tags) {
      if (!changes.isCurrent(tag, nowNanos, maxLagNanos)) {
        return false;
      }
    }
    return true;
  }
}
