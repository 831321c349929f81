package io.cacheaside.internal.events;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Lets one warning of its sort through per interval and counts the others. */
final class RateLimit {
  private static final long WARNING_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private final AtomicLong nextNanos = new AtomicLong(Long.MIN_VALUE);
  private final LongAdder suppressed = new LongAdder();

  /** Returns how many warnings were held back since the last one, or -1 to hold back this one. */
  long pass(long nowNanos) {
    long next = nextNanos.get();
    boolean due = next == Long.MIN_VALUE || nowNanos - next >= 0;
    if (due && nextNanos.compareAndSet(next, nowNanos + WARNING_INTERVAL_NANOS)) {
      return suppressed.sumThenReset();
    }
    suppressed.increment();
    return -1;
  }

  /** Lets the next warning through. */
  void reset() {
    nextNanos.set(Long.MIN_VALUE);
    suppressed.reset();
  }
}
