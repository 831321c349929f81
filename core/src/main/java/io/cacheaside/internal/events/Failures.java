package io.cacheaside.internal.events;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAsideException;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.LoadException;
import io.cacheaside.LoadRejectedException;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.SharedLoadException;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers get instead of a value: exceptions that name the cache and the key. */
public final class Failures<K> {
  private final String cacheName;
  private final Events<K> events;
  private final Duration loadTimeout;
  private final int maxConcurrentLoads;
  private final int maxQueuedLoads;

  public Failures(
      String cacheName,
      Events<K> events,
      Duration loadTimeout,
      int maxConcurrentLoads,
      int maxQueuedLoads) {
    this.cacheName = cacheName;
    this.events = events;
    this.loadTimeout = loadTimeout;
    this.maxConcurrentLoads = maxConcurrentLoads;
    this.maxQueuedLoads = maxQueuedLoads;
  }

  public LoadTimeoutException loadTimeout(EntryKey<K> key) {
    return new LoadTimeoutException(cacheName, events.describe(key), loadTimeout);
  }

  public LoadException load(EntryKey<K> key, Throwable failure) {
    return new LoadException(cacheName, events.describe(key), failure);
  }

  public LoadException load(EntryKey<K> key, String reason) {
    return new LoadException(cacheName, events.describe(key), reason);
  }

  /** Counts a failure that was found in the store, and returns what its reader gets. */
  public SharedLoadException shared(EntryKey<K> key, Entry note) {
    events.failureShared();
    return new SharedLoadException(cacheName, events.describe(key), note.failureClass());
  }

  /** Counts a load for which there was no place, and returns what its caller gets. */
  public LoadRejectedException rejected(EntryKey<K> key) {
    events.loadRejected();
    return new LoadRejectedException(
        cacheName, events.describe(key), maxConcurrentLoads, maxQueuedLoads);
  }

  public BulkLoadException bulkLoad(Map<?, ?> loaded, Map<?, ? extends Throwable> failures) {
    return new BulkLoadException(cacheName, loaded, failures, failures.values().iterator().next());
  }

  public InvalidationFailedException invalidation(String what, Throwable failure) {
    return new InvalidationFailedException(cacheName, what, failure);
  }

  /**
   * Returns what the caller gets of a write that succeeded when the invalidation after it failed.
   *
   * @param result of the write
   */
  public InvalidationFailedException afterWrite(
      EntryKey<K> key, @Nullable Object result, CacheAsideException failure) {
    return InvalidationFailedException.afterWrite(cacheName, events.describe(key), result, failure);
  }

  public WaitInterruptedException interrupted() {
    return new WaitInterruptedException(cacheName);
  }

  public IllegalStateException recursiveLoad(EntryKey<K> key) {
    return new IllegalStateException(
        "Cache '"
            + cacheName
            + "': the loader of key '"
            + events.describe(key)
            + "' asked the cache for the key it is loading; read the source instead");
  }
}
