package io.cacheaside.internal.near;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Lifecycle;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What this process keeps of the values that were read, and what callers get of values that others
 * have, too.
 */
public final class NearValues<K, V> {
  private final @Nullable NearTier<K, V> near;
  private final @Nullable UnaryOperator<V> copier;
  private final Freshness freshness;
  private final ReplayQueue<K> replayQueue;
  private final Lifecycle lifecycle;
  private final Events<K> events;

  /**
   * Creates the near values of a cache.
   *
   * @param near null if nothing is kept
   * @param copier null if callers share values
   */
  public NearValues(
      @Nullable NearTier<K, V> near,
      @Nullable UnaryOperator<V> copier,
      Freshness freshness,
      ReplayQueue<K> replayQueue,
      Lifecycle lifecycle,
      Events<K> events) {
    this.near = near;
    this.copier = copier;
    this.freshness = freshness;
    this.replayQueue = replayQueue;
    this.lifecycle = lifecycle;
    this.events = events;
  }

  /**
   * Returns a near entry that a read may use instead of asking the store; null if there is none.
   */
  public @Nullable NearEntry<V> find(K key, ReadOptions options) {
    Objects.requireNonNull(key, "key");
    return near != null
            && options.acceptsNear()
            && !lifecycle.isClosed()
            && !replayQueue.covers(key)
        ? near.find(key)
        : null;
  }

  /** Returns whether a plain read would be answered by a near entry. */
  public boolean has(K key) {
    return find(key, ReadOptions.defaults()) != null;
  }

  /** Counts a near hit, and returns its value for the caller. */
  public @Nullable V handOut(K key, NearEntry<V> entry) {
    events.nearHit(key);
    return copied(entry.value());
  }

  /** Returns what a caller gets of a value that others have, too: a copy if there is a copier. */
  public @Nullable V copied(@Nullable V value) {
    return copier == null || value == null
        ? value
        : Objects.requireNonNull(copier.apply(value), "copier returned null");
  }

  /** Keeps near what a read has found, and returns it for the caller. */
  public @Nullable V keep(EntryKey<K> key, @Nullable V value, Snapshot snapshot) {
    if (near == null) {
      return value;
    }
    near.keep(key, value, snapshot, freshness.usable(snapshot));
    return copied(value);
  }

  /** Returns how many values are kept. */
  public long size() {
    return near == null ? 0 : near.size();
  }
}
