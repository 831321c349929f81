package io.cacheaside;

/**
 * What a caller learns of an invalidation that the store did not confirm. In either case it is
 * counted, logged and told to the listener; this instance reads what it is about around the cache,
 * and repeats it until it succeeds.
 *
 * @see CacheAsideBuilder#invalidationFailures
 */
public enum InvalidationFailures {
  /** The caller gets an {@link InvalidationFailedException}: it knows that G1 does not hold yet. */
  THROW,

  /**
   * The caller gets nothing and goes on, as if the invalidation had been confirmed. For services
   * that keep writing while the store is down.
   *
   * <p>The price: until the invalidation has been repeated, other processes may read the old value
   * if the store answers them, and nobody is told at the call. If this process ends before that,
   * they may read it until its time to live ends. Where nothing will be repeated, because the store
   * or the cache is closed, the caller is told all the same, and so is one that was interrupted.
   */
  QUEUE
}
