package io.cacheaside.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long the states of a store may be. Another program can put anything under a key, and a reply
 * is in memory as a whole before it is a state.
 */
final class StateLimit {
  private static final int NONE = 0;
  private static final int LONGEST = Integer.MAX_VALUE - 1;
  private static final long LATELY_NANOS = Duration.ofMinutes(1).toNanos();

  private final AtomicInteger maxBytes = new AtomicInteger(NONE);
  private final AtomicLong exceededNanos = new AtomicLong(System.nanoTime() - LATELY_NANOS);

  /** Accepts states of up to so many bytes, or more if that was said before. */
  void accept(int bytes) {
    maxBytes.accumulateAndGet(Math.min(bytes, LONGEST), Math::max);
  }

  /** Returns how many bytes a state may have. */
  int maxBytes() {
    int bytes = maxBytes.get();
    return bytes == NONE ? LONGEST : bytes;
  }

  /** Notes that a longer state was found where only its arrival could tell. */
  void exceeded() {
    exceededNanos.set(System.nanoTime());
  }

  /** Returns whether that was less than a minute ago. */
  boolean isExceededLately() {
    return System.nanoTime() - exceededNanos.get() < LATELY_NANOS;
  }
}
