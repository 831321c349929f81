package io.cacheaside;

import java.time.Duration;
import java.util.Optional;

/**
 * What the cache holds under a key, found without loading.
 *
 * @param <V> the values
 */
public sealed interface Lookup<V> {

  /** Returns the cached value, if there is one. */
  default Optional<V> value() {
    return Optional.empty();
  }

  /**
   * A cached value.
   *
   * @param cached the value
   * @param age how long ago it was written, or given its time to live; never negative
   * @param remaining how long it will stay at most
   */
  record Hit<V>(V cached, Duration age, Duration remaining) implements Lookup<V> {
    @Override
    public Optional<V> value() {
      return Optional.of(cached);
    }
  }

  /**
   * The cache knows that the source has nothing under the key.
   *
   * @param age how long ago that was written; never negative
   * @param remaining how long it will stay at most
   */
  record AbsentInSource<V>(Duration age, Duration remaining) implements Lookup<V> {}

  /**
   * The cache knows nothing: no entry, one being loaded, an unreadable one, or an unreachable
   * store.
   */
  record NotCached<V>() implements Lookup<V> {}
}
