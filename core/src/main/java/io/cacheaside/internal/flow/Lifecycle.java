package io.cacheaside.internal.flow;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether a cache is open. */
public final class Lifecycle {
  private final String cacheName;
  private final AtomicBoolean closed = new AtomicBoolean();

  public Lifecycle(String cacheName) {
    this.cacheName = cacheName;
  }

  public boolean isClosed() {
    return closed.get();
  }

  public void checkOpen() {
    if (closed.get()) {
      throw closedException();
    }
  }

  /** Refuses what comes from now on; returns whether the cache was open. */
  public boolean close() {
    return closed.compareAndSet(false, true);
  }

  public IllegalStateException closedException() {
    return new IllegalStateException("Cache '" + cacheName + "' is closed");
  }
}
