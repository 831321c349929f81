package io.cacheaside.simulation.oracle;

import io.cacheaside.AsyncContextLoader;
import io.cacheaside.simulation.world.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One read, and what it may return.
 *
 * <p>That may become more while it runs: what a read returns after its loader has begun is what
 * that loader has read, or was looked up again after the loader had failed or taken too long. So it
 * must not be older than an invalidation that returned before (G6).
 */
public final class Reading {
  private final Scheduler scheduler;
  private final Oracle oracle;
  private final String host;
  private final String key;
  private final Oracle.Least least;
  private final long impatientNanos;
  private long begunNanos = Long.MAX_VALUE;
  private long failedNanos = Long.MAX_VALUE;
  private boolean loaded;

  /**
   * Creates a reading that begins now.
   *
   * @param impatientNanos from when on it may go on with something stale
   */
  public Reading(
      Scheduler scheduler,
      Oracle oracle,
      String host,
      String key,
      Oracle.Least least,
      long impatientNanos) {
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.host = host;
    this.key = key;
    this.least = least;
    this.impatientNanos = impatientNanos;
  }

  /** Returns a loader that tells this reading how it goes. */
  public <K, V> AsyncContextLoader<K, V> with(AsyncContextLoader<K, V> loader) {
    return (loaded, context) -> {
      begunNanos = Math.min(begunNanos, scheduler.nowNanos());
      return loader.load(loaded, context).whenComplete((value, failure) -> ended(failure));
    };
  }

  private void ended(@Nullable Throwable failure) {
    if (failure == null) {
      loaded = true;
    } else {
      failedNanos = Math.min(failedNanos, scheduler.nowNanos());
    }
  }

  /** Returns the guarantee that is broken if a version is returned now; null if none is. */
  public @Nullable String brokenBy(int version) {
    String broken = least.brokenBy(version);
    return broken == null && version < oracle.leastAt(host, key, knownNanos(), version)
        ? "G6"
        : broken;
  }

  /** Returns the moment that what is returned now must be known from, at the earliest. */
  private long knownNanos() {
    if (begunNanos == Long.MAX_VALUE) {
      return Long.MIN_VALUE;
    }
    long lookedNanos = Math.min(failedNanos, impatientNanos);
    boolean again = !loaded && lookedNanos <= scheduler.nowNanos();
    return again ? Math.max(begunNanos, lookedNanos) : begunNanos;
  }
}
