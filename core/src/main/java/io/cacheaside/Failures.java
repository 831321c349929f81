package io.cacheaside;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers get instead of a value: exceptions that name the cache and the key. */
final class Failures<K> {
  private final String cacheName;
  private final Events<K> events;
  private final Duration loadTimeout;
  private final int maxConcurrentLoads;
  private final int maxQueuedLoads;

  Failures(
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

  LoadTimeoutException loadTimeout(EntryKey<K> key) {
    return new LoadTimeoutException(cacheName, events.describe(key), loadTimeout);
  }

  LoadException load(EntryKey<K> key, Throwable failure) {
    return new LoadException(cacheName, events.describe(key), failure);
  }

  LoadException load(EntryKey<K> key, String reason) {
    return new LoadException(cacheName, events.describe(key), reason);
  }

  /** Counts a failure that was found in the store, and returns what its reader gets. */
  SharedLoadException shared(EntryKey<K> key, Entry note) {
    events.failureShared();
    return new SharedLoadException(cacheName, events.describe(key), note.failureClass());
  }

  /** Counts a load for which there was no place, and returns what its caller gets. */
  LoadRejectedException rejected(EntryKey<K> key) {
    events.loadRejected();
    return new LoadRejectedException(
        cacheName, events.describe(key), maxConcurrentLoads, maxQueuedLoads);
  }

  BulkLoadException bulkLoad(Map<?, ?> loaded, Map<?, ? extends Throwable> failures) {
    return new BulkLoadException(cacheName, loaded, failures, failures.values().iterator().next());
  }

  InvalidationFailedException invalidation(String what, Throwable failure) {
    return new InvalidationFailedException(cacheName, what, failure);
  }

  /**
   * Returns what the caller gets of a write that succeeded when the invalidation after it failed.
   *
   * @param result of the write
   */
  InvalidationFailedException afterWrite(
      EntryKey<K> key, @Nullable Object result, CacheAsideException failure) {
    return InvalidationFailedException.afterWrite(cacheName, events.describe(key), result, failure);
  }

  WaitInterruptedException interrupted() {
    return new WaitInterruptedException(cacheName);
  }

  IllegalStateException recursiveLoad(EntryKey<K> key) {
    return new IllegalStateException(
        "Cache '"
            + cacheName
            + "': the loader of key '"
            + events.describe(key)
            + "' asked the cache for the key it is loading; read the source instead");
  }
}
