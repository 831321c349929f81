package io.cacheaside;

import java.time.Duration;

/**
 * Says that a load took longer than the load timeout: this caller's own, on another thread, or the
 * one of another caller that it waited for. A caller waits for others no longer than for its own
 * load timeout. Nothing is cached; the next read loads again.
 */
public class LoadTimeoutException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param loadTimeout of the cache
   */
  public LoadTimeoutException(String cacheName, String key, Duration loadTimeout) {
    super(
        cacheName,
        "no value of key '"
            + key
            + "' within the load timeout of "
            + loadTimeout.toMillis()
            + " ms",
        null);
  }
}
