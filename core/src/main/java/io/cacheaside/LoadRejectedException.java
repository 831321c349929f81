package io.cacheaside;

/**
 * Says that a value was not loaded because too many loads of this cache are running and waiting
 * already. Nothing is cached; the source was not asked.
 *
 * @see CacheAsideBuilder#maxConcurrentLoads
 */
public class LoadRejectedException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param maxConcurrentLoads how many loads may run
   * @param maxQueuedLoads how many may wait
   */
  public LoadRejectedException(
      String cacheName, String key, int maxConcurrentLoads, int maxQueuedLoads) {
    super(
        cacheName,
        "key '"
            + key
            + "' was not loaded: "
            + maxConcurrentLoads
            + " loads are running (maxConcurrentLoads) and "
            + maxQueuedLoads
            + " are waiting (maxQueuedLoads)",
        null);
  }
}
