package io.cacheaside.internal.read;

import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.store.ChangeFeed;
import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What this process has heard of changes of the keys of one cache, as epochs: numbers that grow
 * with every change that is told. A key shares its epoch with others of the same stripe, so that an
 * epoch may grow without need, and nothing grows with the number of keys.
 *
 * <p>What was read counts for as long as its epoch is the one that was noted before the read was
 * sent. So there is no moment at which an outdated answer could slip in: it may be kept whenever it
 * arrives, it is just never current.
 */
public final class Epochs implements ChangeListener {
  private static final int MIN_STRIPES = 256;
  private static final int MAX_STRIPES = 1 << 20;

  private final Keyspace<?> keyspace;
  private final AtomicLongArray epochs;
  private final AtomicLong flushes = new AtomicLong();
  private final ChangeListener next;

  /**
   * Creates epochs.
   *
   * @param keys how many keys are to have an epoch of their own, about
   * @param next is told the same of the keys of this cache, after their epochs have grown
   */
  public Epochs(Keyspace<?> keyspace, long keys, ChangeListener next) {
    long wanted = Math.max(MIN_STRIPES, Math.min(MAX_STRIPES, keys));
    this.keyspace = keyspace;
    this.epochs = new AtomicLongArray(Math.toIntExact(Long.highestOneBit(2 * wanted - 1)));
    this.next = next;
  }

  private int stripeOf(String key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash ^ hash >>> 16) & (epochs.length() - 1);
  }

  /** Returns the sum of two counters that only grow, so it is the same only while both are. */
  public long epochAt(int stripe) {
    return epochs.get(stripe) + flushes.get();
  }

  /** Returns the epoch of a key that is going to be read now; its feed is not known yet. */
  public Epoch epochOf(String key, long nowNanos) {
    int stripe = stripeOf(key);
    return new Epoch(stripe, epochAt(stripe), nowNanos, null);
  }

  /** Returns whether nothing was told since, and the feed of the key, if any, has not ended. */
  boolean isUnchanged(Epoch epoch, long nowNanos) {
    return (epoch.feed() == null || epoch.feed().isComplete(nowNanos, Long.MAX_VALUE))
        && epochAt(epoch.stripe()) == epoch.number();
  }

  /** Returns whether a key is known not to have changed up to a moment, but for the lag. */
  public boolean isCurrent(Epoch epoch, long nowNanos, long maxLagNanos) {
    return epoch.feed() != null
        && epoch.feed().isComplete(nowNanos, maxLagNanos)
        && epochAt(epoch.stripe()) == epoch.number();
  }

  /** Lets what was read of a key before now count no longer, because it is about to be replaced. */
  public void outdate(String key) {
    epochs.incrementAndGet(stripeOf(key));
  }

  @Override
  public void changed(String key) {
    if (keyspace.has(key)) {
      outdate(key);
      next.changed(key);
    }
  }

  @Override
  public void allChanged(Cause cause) {
    flushes.incrementAndGet();
    next.allChanged(cause);
  }

  /** What was read with a feed that has ended is judged by that feed, so no epoch grows. */
  @Override
  public void feedEnded(ChangeFeed feed, Cause cause) {
    next.feedEnded(feed, cause);
  }

  @Override
  public void untold(Duration time) {
    next.untold(time);
  }

  @Override
  public void toldWithin(Duration time) {
    next.toldWithin(time);
  }
}
