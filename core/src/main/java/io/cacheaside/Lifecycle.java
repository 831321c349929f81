package io.cacheaside;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether a cache is open. */
final class Lifecycle {
  private final String cacheName;
  private final AtomicBoolean closed = new AtomicBoolean();

  Lifecycle(String cacheName) {
    this.cacheName = cacheName;
  }

  boolean isClosed() {
    return closed.get();
  }

  void checkOpen() {
    if (closed.get()) {
      throw closedException();
    }
  }

  /** Refuses what comes from now on; returns whether the cache was open. */
  boolean close() {
    return closed.compareAndSet(false, true);
  }

  IllegalStateException closedException() {
    return new IllegalStateException("Cache '" + cacheName + "' is closed");
  }
}
