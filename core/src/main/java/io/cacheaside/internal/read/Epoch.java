package io.cacheaside.internal.read;

import io.cacheaside.store.ChangeFeed;
import org.jspecify.annotations.Nullable;

/**
 * When a key was read, and how it would be known that it has changed since.
 *
 * @param stripe of its epoch
 * @param number what that was before the read was sent
 * @param sentNanos when the read was sent, or a moment before
 * @param feed where its next change will be told; null if nobody will be told, or there is nothing
 *     to be kept
 */
public record Epoch(int stripe, long number, long sentNanos, @Nullable ChangeFeed feed) {

  Epoch in(@Nullable ChangeFeed told) {
    return new Epoch(stripe, number, sentNanos, told);
  }
}
