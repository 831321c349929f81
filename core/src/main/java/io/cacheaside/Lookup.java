package io.cacheaside;

import java.time.Duration;
import java.util.Optional;

/**
 * What the cache holds under a key, found without loading.
 *
 * @param <V> the values
 */
public sealed interface Lookup<V> {

  /** Returns the cached value, if there is one that is fresh. */
  default Optional<V> value() {
    return Optional.empty();
  }

  /**
   * A cached value.
   *
   * @param cached the value
   * @param provenance where it comes from
   */
  record Hit<V>(V cached, Provenance provenance) implements Lookup<V> {
    @Override
    public Optional<V> value() {
      return Optional.of(cached);
    }

    /** Returns how long ago it was written, or given its time to live; never negative. */
    public Duration age() {
      return provenance.age();
    }

    /** Returns how long it will count as fresh at most. */
    public Duration remaining() {
      return provenance.remaining();
    }

    @Override
    public String toString() {
      return "Hit[" + cached + ", " + provenance + "]";
    }
  }

  /**
   * A value that is kept although it is too old, for {@code staleWhileRevalidate} or {@code
   * staleIfError}. {@link #value()} is empty: who wants it says so.
   *
   * @param stale the value
   * @param provenance where it comes from
   */
  record Stale<V>(V stale, Provenance provenance) implements Lookup<V> {
    @Override
    public String toString() {
      return "Stale[" + stale + ", " + provenance + "]";
    }
  }

  /**
   * The cache knows that the source has nothing under the key.
   *
   * @param provenance where that comes from
   */
  record AbsentInSource<V>(Provenance provenance) implements Lookup<V> {
    /** Returns how long ago that was written; never negative. */
    public Duration age() {
      return provenance.age();
    }

    /** Returns how long it will stay at most. */
    public Duration remaining() {
      return provenance.remaining();
    }

    @Override
    public String toString() {
      return "AbsentInSource[" + provenance + "]";
    }
  }

  /**
   * The cache knows nothing: no entry, one being loaded or not to be stored, an unreadable one, or
   * an unreachable store.
   */
  record NotCached<V>() implements Lookup<V> {
    @Override
    public String toString() {
      return "NotCached";
    }
  }
}
