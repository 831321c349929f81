package io.cacheaside;

import org.jspecify.annotations.Nullable;

/** The base of what a cache throws by itself, with the name of the cache. */
public abstract class CacheAsideException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String cacheName;

  CacheAsideException(String cacheName, String message, @Nullable Throwable cause) {
    super("Cache '" + cacheName + "': " + message, cause);
    this.cacheName = cacheName;
  }

  /** Returns the name of the cache. */
  public String cacheName() {
    return cacheName;
  }
}
