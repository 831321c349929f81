package io.cacheaside;

/**
 * Says that a loader failed. The loader's exception is the cause.
 *
 * <p>Thrown to the caller whose loader threw a checked exception, or said through its {@linkplain
 * LoadContext#fail context} that it failed (then there is no cause), and to callers that shared the
 * load of another caller, whatever it threw. No value is cached.
 */
public class LoadException extends CacheAsideException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param cause what the loader threw
   */
  public LoadException(String cacheName, String key, Throwable cause) {
    super(cacheName, "the load of key '" + key + "' failed: " + cause.getClass().getName(), cause);
  }

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param reason what the loader said
   */
  public LoadException(String cacheName, String key, String reason) {
    super(cacheName, "the load of key '" + key + "' failed: " + reason, null);
  }
}
