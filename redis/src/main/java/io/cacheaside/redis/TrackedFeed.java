package io.cacheaside.redis;

import io.cacheaside.store.ChangeFeed;
import java.time.Duration;

/**
 * What is heard of changes over one connection, from the moment at which a primary agreed to tell.
 *
 * <p>A server sends answers and what it tells of changes in one order. So the answer to a command
 * proves that everything has arrived that changed before the command was sent.
 */
final class TrackedFeed implements ChangeFeed {
  private volatile boolean ended;
  private volatile long provenNanos;
  private volatile boolean asked; // for a proof that has not come
  private volatile long askedNanos; // first

  TrackedFeed(long sentNanos) {
    provenNanos = sentNanos;
  }

  /** A command is sent whose answer would prove it, after the one before has ended. */
  void ask(long sentNanos) {
    if (!asked) {
      askedNanos = sentNanos;
      asked = true;
    }
  }

  /**
   * A command that was sent at this time has been answered, by a primary. Returns for how long the
   * proof was asked for, in vain before.
   */
  Duration proven(long sentNanos, long nowNanos) {
    provenNanos = sentNanos;
    asked = false;
    return Duration.ofNanos(nowNanos - askedNanos);
  }

  void end() {
    ended = true;
  }

  @Override
  public boolean isComplete(long nowNanos, long maxLagNanos) {
    return !ended && nowNanos - provenNanos <= maxLagNanos;
  }
}
