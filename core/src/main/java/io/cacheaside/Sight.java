package io.cacheaside;

import io.cacheaside.store.ChangeFeed;
import org.jspecify.annotations.Nullable;

/**
 * When a key was read, and how it would be known that it has changed since.
 *
 * @param stripe of its epoch
 * @param epoch what that was before the read was sent
 * @param sentNanos when the read was sent, or a moment before
 * @param feed where its next change will be told; null if nobody will be told, or there is nothing
 *     to be kept
 */
record Sight(int stripe, long epoch, long sentNanos, @Nullable ChangeFeed feed) {

  Sight in(@Nullable ChangeFeed told) {
    return new Sight(stripe, epoch, sentNanos, told);
  }

  /** Returns whether nothing was told since, and the feed of the key, if any, has not ended. */
  boolean isUnchanged(Changes changes, long nowNanos) {
    return (feed == null || feed.isComplete(nowNanos, Long.MAX_VALUE))
        && changes.epochAt(stripe) == epoch;
  }

  /** Returns whether the key is known not to have changed up to a moment, but for the lag. */
  boolean isCurrent(Changes changes, long nowNanos, long maxLagNanos) {
    return feed != null
        && feed.isComplete(nowNanos, maxLagNanos)
        && changes.epochAt(stripe) == epoch;
  }
}
