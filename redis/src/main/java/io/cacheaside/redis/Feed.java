package io.cacheaside.redis;

import io.cacheaside.store.ChangeFeed;

/**
 * What is heard of changes over one connection, from the moment at which a primary agreed to tell.
 *
 * <p>A server sends answers and what it tells of changes in one order. So the answer to a command
 * proves that everything has arrived that changed before the command was sent.
 */
final class Feed implements ChangeFeed {
  private volatile boolean ended;
  private volatile long provenNanos;

  Feed(long sentNanos) {
    provenNanos = sentNanos;
  }

  /** A command that was sent at this time has been answered, by a primary. */
  void proven(long sentNanos) {
    provenNanos = sentNanos;
  }

  void end() {
    ended = true;
  }

  @Override
  public boolean isComplete(long nowNanos, long maxLagNanos) {
    return !ended && nowNanos - provenNanos <= maxLagNanos;
  }
}
