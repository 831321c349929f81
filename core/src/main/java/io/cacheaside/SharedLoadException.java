package io.cacheaside;

/**
 * Says that a load failed somewhere else, or a moment ago: in another process whose load this
 * caller waited for, or while {@linkplain CacheAsideBuilder#failureBackoff failed loads} keep
 * further ones away.
 *
 * <p>There is no cause: what the loader threw stayed where it was thrown. Only the name of its
 * class was passed on, never its message.
 */
public class SharedLoadException extends LoadException {
  private static final long serialVersionUID = 1L;

  private final String failureClass;

  /**
   * Creates an exception, as a cache throws it.
   *
   * @param cacheName of the cache
   * @param key as the message shows it
   * @param failureClass the name of the class of what the loader threw
   */
  public SharedLoadException(String cacheName, String key, String failureClass) {
    super(cacheName, key, failureClass + ", thrown by the load of another caller");
    this.failureClass = failureClass;
  }

  /** Returns the name of the class of what the loader threw. */
  public String failureClass() {
    return failureClass;
  }
}
