package io.cacheaside.redis;

import io.cacheaside.store.ChangeFeed;

/**
 * What is heard of changes over one connection, from the moment at which the server agreed to tell.
 *
 * <p>A server sends answers and what it tells of changes in one order. So the answer to a command
 * proves that everything has arrived that changed before the command was sent.
 */
final class Feed implements ChangeFeed {
  private volatile boolean proven;
  private volatile boolean ended;
  private volatile long provenNanos;

  /** A command that was sent at this time has been answered, by a primary. */
  void proven(long sentNanos) {
    provenNanos = sentNanos;
    proven = true;
  }

  void end() {
    ended = true;
  }

  @Override
  public boolean isComplete(long nowNanos, long maxLagNanos) {
    return proven && !ended && nowNanos - provenNanos <= maxLagNanos;
  }
}
