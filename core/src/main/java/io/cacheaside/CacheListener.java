package io.cacheaside;

import java.time.Duration;

/**
 * Is told what happens in a cache.
 *
 * <p>Methods are called on the caller's thread, on the cache's executor or on its loader executor,
 * never on a thread of the network client, concurrently and in no particular order. They are quick,
 * do not block and do not call the cache. What they throw is logged and counts for nothing.
 *
 * @param <K> the keys
 */
public interface CacheListener<K> {

  /** A read found an entry. */
  default void onHit(K key) {}

  /** A read found no entry. */
  default void onMiss(K key) {}

  /** A load succeeded. */
  default void onLoad(K key, Duration duration) {}

  /** A load threw, took longer than the load timeout or found no thread. */
  default void onLoadFailure(K key, Duration duration, Throwable failure) {}

  /**
   * A loaded value was not stored because the key or a tag was invalidated, or the lease lost,
   * meanwhile.
   */
  default void onRefusedFill(K key) {}

  /**
   * A loaded value was not stored because it is too large, could not be encoded or would not be
   * read back as it is, or {@code ttlFunction} or {@code version} threw.
   */
  default void onSkippedFill(K key, Throwable reason) {}

  /** An entry was not readable as a value of this cache and key. */
  default void onDecodeFailure(K key, Throwable failure) {}

  /** Keys, a tag or a pattern were invalidated; {@code what} says which, redacted if keys are. */
  default void onInvalidate(String what) {}

  /**
   * An invalidation failed for its caller. What it is about is read around the cache in this
   * instance; other processes may read old values until it was {@linkplain #onInvalidationReplayed
   * repeated} with success, or their time to live ends.
   */
  default void onInvalidationFailure(String what, Throwable failure) {}

  /**
   * An invalidation that was not confirmed is queued to be repeated: one that failed, one whose
   * caller left, or what is left of an update.
   */
  default void onInvalidationQueued(String what) {}

  /** A queued invalidation was repeated with success. */
  default void onInvalidationReplayed(String what) {}

  /** A stale value of this age was returned. */
  default void onStale(K key, Duration age) {}

  /** The store failed an operation, named in one word. */
  default void onStoreFailure(String operation, Throwable failure) {}
}
