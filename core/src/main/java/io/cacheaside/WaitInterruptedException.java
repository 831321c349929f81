package io.cacheaside;

/**
 * Says that a thread was interrupted while it waited for the cache. Its interrupt flag is set
 * again.
 *
 * <p>The caller's own loader is not started any more. One that runs on an executor already goes on
 * while anybody else waits for it; else it is interrupted, and its result is not cached. An
 * operation on the store may still take effect.
 */
public class WaitInterruptedException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   */
  public WaitInterruptedException(String cacheName) {
    super(cacheName, "interrupted while waiting", null);
  }
}
