package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a waiter remembers of the lease of another process: whether it shows signs of life, and when
 * to look again.
 */
final class Watch {
  private static final Duration FIRST_DELAY = Duration.ofMillis(2);
  private static final Duration LAST_DELAY = Duration.ofMillis(100);

  private final Environment environment;
  private final EntryId lease;
  private int renewals;
  private long seenNanos;
  private long askedNanos;
  private Duration delay = FIRST_DELAY;

  Watch(Environment environment, Entry lease) {
    this.environment = environment;
    this.lease = lease.id();
    noteRenewal(lease);
  }

  boolean isOn(@Nullable EntryId id) {
    return lease.equals(id);
  }

  /**
   * Returns whether the lease was not renewed for one lease time of this process's clock, up to
   * when the look that found it was asked for.
   */
  boolean isDead(Entry entry) {
    if (entry.renewals() != renewals) {
      noteRenewal(entry);
    }
    Duration unchanged = Duration.ofNanos(askedNanos - seenNanos);
    return unchanged.compareTo(entry.ttl()) > 0;
  }

  private void noteRenewal(Entry entry) {
    renewals = entry.renewals();
    seenNanos = environment.nanoTime();
    askedNanos = seenNanos;
  }

  /**
   * Returns how long to wait before the next look: doubled each time, up to a bound, with jitter.
   */
  Duration nextDelay() {
    askedNanos = environment.nanoTime();
    Duration next = Duration.ofNanos((long) (delay.toNanos() * (0.5 + environment.random() / 2)));
    Duration doubled = delay.multipliedBy(2);
    delay = doubled.compareTo(LAST_DELAY) < 0 ? doubled : LAST_DELAY;
    return next;
  }
}
