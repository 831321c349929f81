package io.cacheaside.internal.near;

import io.cacheaside.internal.read.Epoch;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.ReadEpochs;
import io.cacheaside.store.ChangeFeed;
import org.jspecify.annotations.Nullable;

/** A decoded value kept in this process, and by what it is known to be current. Immutable. */
public final class NearEntry<V> {
  private final @Nullable V value;
  private final int weight;
  private final int stripe;
  private final long epoch;
  private final ChangeFeed feed;
  private final long deadlineNanos;
  private final Epoch @Nullable [] tags;

  /**
   * Creates an entry.
   *
   * @param value null if the source has nothing
   * @param readEpochs all of which are watched
   * @param feed that of the key
   * @param deadlineNanos until when the value may be used
   */
  NearEntry(
      @Nullable V value, int weight, ReadEpochs readEpochs, ChangeFeed feed, long deadlineNanos) {
    this.value = value;
    this.weight = weight;
    this.stripe = readEpochs.key().stripe();
    this.epoch = readEpochs.key().number();
    this.feed = feed;
    this.tags = readEpochs.tags().isEmpty() ? null : readEpochs.tags().toArray(Epoch[]::new);
    this.deadlineNanos = deadlineNanos;
  }

  public @Nullable V value() {
    return value;
  }

  int weight() {
    return weight;
  }

  /** Looks at a feed before the epoch, which then has grown with all that the feed covers. */
  boolean isCurrent(Epochs epochs, long nowNanos, long maxLagNanos) {
    return deadlineNanos - nowNanos > 0
        && feed.isComplete(nowNanos, maxLagNanos)
        && epochs.epochAt(stripe) == epoch
        && (tags == null || areCurrent(tags, epochs, nowNanos, maxLagNanos));
  }

  private static boolean areCurrent(Epoch[] tags, Epochs epochs, long nowNanos, long maxLagNanos) {
    for (Epoch tag : tags) {
      if (!epochs.isCurrent(tag, nowNanos, maxLagNanos)) {
        return false;
      }
    }
    return true;
  }
}
