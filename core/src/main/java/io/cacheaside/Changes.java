package io.cacheaside;

import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * What this process has heard of changes of the keys of one cache, as epochs: numbers that grow
 * with every change that is told. A key shares its epoch with others of the same stripe, so that an
 * epoch may grow without need, and nothing grows with the number of keys.
 *
 * <p>What was read counts for as long as its epoch is the one that was noted before the read was
 * sent. So there is no moment at which an outdated answer could slip in: it may be kept whenever it
 * arrives, it is just never current.
 */
final class Changes implements ChangeListener {
  private static final int MIN_STRIPES = 256;
  private static final int MAX_STRIPES = 1 << 20;

  private final Keyspace<?> keyspace;
  private final AtomicLongArray epochs;
  private final AtomicLong flushes = new AtomicLong();
  private final Consumer<String> told;
  private final Consumer<Cause> allTold;
  private final Consumer<Duration> untold;
  private final Consumer<Duration> toldWithin;

  /**
   * Creates epochs.
   *
   * @param keys how many keys are to have an epoch of their own, about
   * @param told is called with a key after its epoch has grown
   * @param allTold is called after all epochs have grown
   * @param untold is called with the time in which changes could not be told
   * @param toldWithin is called with the time within which changes were told
   */
  Changes(
      Keyspace<?> keyspace,
      long keys,
      Consumer<String> told,
      Consumer<Cause> allTold,
      Consumer<Duration> untold,
      Consumer<Duration> toldWithin) {
    long wanted = Math.max(MIN_STRIPES, Math.min(MAX_STRIPES, keys));
    this.keyspace = keyspace;
    this.epochs = new AtomicLongArray(Math.toIntExact(Long.highestOneBit(2 * wanted - 1)));
    this.told = told;
    this.allTold = allTold;
    this.untold = untold;
    this.toldWithin = toldWithin;
  }

  private int stripeOf(String key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash ^ hash >>> 16) & (epochs.length() - 1);
  }

  /** Returns the sum of two counters that only grow, so it is the same only while both are. */
  long epochAt(int stripe) {
    return epochs.get(stripe) + flushes.get();
  }

  /** Returns the sight of a key that is going to be read now; its feed is not known yet. */
  Sight sightOf(String key, long nowNanos) {
    int stripe = stripeOf(key);
    return new Sight(stripe, epochAt(stripe), nowNanos, null);
  }

  /** Lets what was read of a key before now count no longer, because it is about to be replaced. */
  void outdate(String key) {
    epochs.incrementAndGet(stripeOf(key));
  }

  @Override
  public void changed(String key) {
    if (keyspace.has(key)) {
      outdate(key);
      told.accept(key);
    }
  }

  @Override
  public void allChanged(Cause cause) {
    flushes.incrementAndGet();
    allTold.accept(cause);
  }

  @Override
  public void untold(Duration time) {
    untold.accept(time);
  }

  @Override
  public void toldWithin(Duration time) {
    toldWithin.accept(time);
  }
}
