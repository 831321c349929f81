package io.cacheaside.internal.lease;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.read.Snapshot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a waiter remembers of the lease of another process: whether it shows signs of life, and when
 * to read again.
 */
public final class LeaseWatch {
  private static final Duration FIRST_DELAY = Duration.ofMillis(2);
  private static final Duration LAST_DELAY = Duration.ofMillis(100);

  private final Environment environment;
  private final Duration bound;
  private final boolean sinceArrival;
  private final EntryId lease;
  private int renewals;
  private boolean renewed;
  private long seenNanos;
  private long askedNanos;
  private Duration delay = FIRST_DELAY;
  private boolean mayAskToBeTold;

  /**
   * Begins to watch a lease that was seen.
   *
   * @param told whether the store can tell that it has changed
   * @param bound how long a reader waits, whatever the lease says
   * @param sinceArrival whether the reader has waited for nothing else before
   */
  public LeaseWatch(
      Environment environment, Entry lease, boolean told, Duration bound, boolean sinceArrival) {
    this.environment = environment;
    this.bound = bound;
    this.sinceArrival = sinceArrival;
    this.lease = lease.id();
    this.mayAskToBeTold = told;
    noteRenewal(lease);
  }

  public boolean isOn(@Nullable EntryId id) {
    return lease.equals(id);
  }

  /**
   * Returns whether the lease was not renewed for one lease time of this process's clock, up to
   * when the read that found it was asked for.
   */
  public boolean isDead(Entry entry) {
    if (entry.renewals() != renewals) {
      renewed = true;
      noteRenewal(entry);
    }
    Duration unchanged = Duration.ofNanos(askedNanos - seenNanos);
    return unchanged.compareTo(trusted(entry)) > 0;
  }

  /** Returns whether the lease was not renewed since the reader began to wait. */
  public boolean isSilent(Entry entry) {
    return sinceArrival && !renewed && entry.renewals() == renewals;
  }

  /** Returns for how long a lease without a sign of life is believed. */
  private Duration trusted(Entry lease) {
    return lease.ttl().compareTo(bound) < 0 ? lease.ttl() : bound;
  }

  private void noteRenewal(Entry entry) {
    renewals = entry.renewals();
    seenNanos = environment.nanoTime();
    askedNanos = seenNanos;
  }

  /**
   * Returns how long to wait before the next read, if no change is told before. If the key is
   * watched, that read is for a message that was lost, and a sign of life of the lease. If it is
   * not, the key is read again at once, and watched.
   */
  public Duration delayAfter(Snapshot snapshot) {
    if (snapshot.isWatched()) {
      askedNanos = environment.nanoTime();
      long third = trusted(snapshot.entry()).toNanos() / 3;
      return Duration.ofNanos((long) (third * (0.5 + environment.random() / 2)));
    }
    if (mayAskToBeTold) {
      mayAskToBeTold = false;
      askedNanos = environment.nanoTime();
      return Duration.ZERO;
    }
    return nextDelay();
  }

  /**
   * Returns how long to wait before the next read: doubled each time, up to a bound, with jitter.
   */
  public Duration nextDelay() {
    askedNanos = environment.nanoTime();
    Duration next = Duration.ofNanos((long) (delay.toNanos() * (0.5 + environment.random() / 2)));
    Duration doubled = delay.multipliedBy(2);
    delay = doubled.compareTo(LAST_DELAY) < 0 ? doubled : LAST_DELAY;
    return next;
  }
}
