package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous face of a {@link CacheAside}: the same entries, guarantees, loads and counts,
 * with futures instead of waiting.
 *
 * <p><b>Threads.</b> Thread-safe; no method blocks. Codecs, loaders and dependent actions run on
 * the cache's {@linkplain CacheAsideBuilder#executor executor} or, if the answer is there at once,
 * on the calling thread; never on a thread of the network client. Cancelling a returned future
 * affects nobody else: a load goes on while anybody waits for it. When the last one has left, the
 * load is given up, and its loader is told through its {@link LoadContext}. Completing a returned
 * future, also by {@code orTimeout} or {@code completeOnTimeout}, has the same effect.
 *
 * <p><b>Errors.</b> Wrong arguments and use after close are thrown at once; everything else
 * completes the future exceptionally with what the synchronous method would throw (a loader's own
 * exception unchanged, checked or not).
 *
 * @param <K> the keys
 * @param <V> the values
 */
public interface AsyncCacheAside<K, V> {

  /**
   * Returns the value of a key from the cache, or else loads it and caches it.
   *
   * <p>If the loader's stage takes longer than the load timeout, the future fails with a {@link
   * LoadTimeoutException} and the late result is not cached.
   *
   * @return a future of the value; of null if the source has nothing under that key
   * @see CacheAside#get(Object, Loader)
   */
  CompletableFuture<@Nullable V> get(K key, AsyncLoader<? super K, ? extends V> loader);

  /** Does what {@link #get(Object, AsyncLoader)} does, with options for this one read. */
  CompletableFuture<@Nullable V> get(
      K key, ReadOptions options, AsyncLoader<? super K, ? extends V> loader);

  /**
   * Does what {@link #get(Object, AsyncLoader)} does, with another time to live for what it loads.
   *
   * @see CacheAside#get(Object, Duration, Loader)
   */
  CompletableFuture<@Nullable V> get(
      K key, Duration ttl, AsyncLoader<? super K, ? extends V> loader);

  /**
   * Does what {@link #get(Object, AsyncLoader)} does, with a loader that is told about its load.
   *
   * @see CacheAside#getWithContext(Object, ContextLoader)
   */
  CompletableFuture<@Nullable V> getWithContext(K key, AsyncContextLoader<? super K, V> loader);

  /**
   * Does what {@link #getWithContext(Object, AsyncContextLoader)} does, with options for this one
   * read.
   */
  CompletableFuture<@Nullable V> getWithContext(
      K key, ReadOptions options, AsyncContextLoader<? super K, V> loader);

  /**
   * Does what {@link #get(Object, AsyncLoader)} does, with a loader that blocks: it runs on the
   * {@linkplain CacheAsideBuilder#loaderExecutor loader executor}, or else on a thread for loads in
   * the background (a virtual one from JDK 21 on).
   */
  CompletableFuture<@Nullable V> getBlocking(K key, Loader<? super K, ? extends V> loader);

  /** Does what {@link #getBlocking(Object, Loader)} does, with options for this one read. */
  CompletableFuture<@Nullable V> getBlocking(
      K key, ReadOptions options, Loader<? super K, ? extends V> loader);

  /**
   * Does what {@link #get(Object, AsyncLoader)} does, with a loader whose stage completes with an
   * {@link Optional}.
   *
   * @see CacheAside#find
   */
  CompletableFuture<Optional<V>> find(K key, AsyncLoader<? super K, Optional<V>> loader);

  /** Does what {@link #find(Object, AsyncLoader)} does, with options for this one read. */
  CompletableFuture<Optional<V>> find(
      K key, ReadOptions options, AsyncLoader<? super K, Optional<V>> loader);

  /**
   * Returns the cached value of a key. Never loads.
   *
   * @return a future of the value; of null if it is not cached, or its absence is
   * @see CacheAside#getIfPresent
   */
  CompletableFuture<@Nullable V> getIfPresent(K key);

  /**
   * Returns the cached values of several keys. Never loads.
   *
   * @see CacheAside#getAllPresent
   */
  CompletableFuture<Map<K, V>> getAllPresent(Collection<? extends K> keys);

  /**
   * Returns the values of several keys, loading those that are missing with one call.
   *
   * @see CacheAside#getAll
   */
  CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys, AsyncBulkLoader<K, V> loader);

  /** Does what {@link #getAll(Collection, AsyncBulkLoader)} does, with options for this call. */
  CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, ReadOptions options, AsyncBulkLoader<K, V> loader);

  /**
   * Does what {@link #getAll(Collection, AsyncBulkLoader)} does, with a loader that blocks; it runs
   * where one of {@link #getBlocking(Object, Loader)} does.
   */
  CompletableFuture<Map<K, V>> getAllBlocking(
      Collection<? extends K> keys, BulkLoader<K, V> loader);

  /** Does what {@link #getAllBlocking(Collection, BulkLoader)} does, with options for this call. */
  CompletableFuture<Map<K, V>> getAllBlocking(
      Collection<? extends K> keys, ReadOptions options, BulkLoader<K, V> loader);

  /**
   * Returns in words what the cache holds under a key and what a read would do.
   *
   * @see CacheAside#explain
   */
  CompletableFuture<String> explain(K key);

  /**
   * Returns what the cache holds under a key. Never loads.
   *
   * @see CacheAside#lookup
   */
  CompletableFuture<Lookup<V>> lookup(K key);

  /**
   * Stores a value; the caller vouches that it is current. Fails with a {@link StoreException}. The
   * value is encoded before this method returns, so the caller may change it then.
   *
   * @see CacheAside#put(Object, Object)
   */
  CompletableFuture<@Nullable Void> put(K key, V value);

  /**
   * Stores a value as {@link #put(Object, Object)} does, with its own time to live.
   *
   * @param ttl from 1 ms to {@link io.cacheaside.store.Store#MAX_TTL}; {@linkplain
   *     CacheAsideBuilder#ttlJitter jitter} shortens it
   */
  CompletableFuture<@Nullable Void> put(K key, V value, Duration ttl);

  /**
   * Stores several values together. They must not be changed before the future is done.
   *
   * @see CacheAside#putAll
   */
  CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> values);

  /**
   * Stores a value unless a value or an absence is cached.
   *
   * @see CacheAside#putIfAbsent
   */
  CompletableFuture<Boolean> putIfAbsent(K key, V value);

  /**
   * Stores that the source has nothing under a key.
   *
   * @see CacheAside#putAbsence
   */
  CompletableFuture<@Nullable Void> putAbsence(K key);

  /**
   * Replaces a cached value by what {@code change} makes of it, atomically, if it is cached.
   *
   * @see CacheAside#update
   */
  CompletableFuture<Boolean> update(K key, UnaryOperator<V> change);

  /**
   * Writes to the source and then invalidates the key.
   *
   * @see CacheAside#writeThenInvalidate
   */
  <R extends @Nullable Object> CompletableFuture<R> writeThenInvalidate(
      K key, AsyncSourceWrite<R> write);

  /**
   * Makes sure that no read that starts after the future completed returns a value from before this
   * call (G1). Fails with an {@link InvalidationFailedException}.
   *
   * @see CacheAside#invalidate
   */
  CompletableFuture<@Nullable Void> invalidate(K key);

  /**
   * Invalidates a key, and lets loads be cached again as soon as one returns a sufficient version.
   *
   * @see CacheAside#invalidate(Object, long)
   */
  CompletableFuture<@Nullable Void> invalidate(K key, long minVersion);

  /**
   * Puts up a fence around a write to the source whose commit happens elsewhere.
   *
   * @return a future of the fence; it does not fail because of the store
   * @see CacheAside#fence
   */
  CompletableFuture<AsyncWriteFence> fence(K key);

  /**
   * Invalidates several keys together.
   *
   * @see CacheAside#invalidateAll(Collection)
   */
  CompletableFuture<@Nullable Void> invalidateAll(Collection<? extends K> keys);

  /**
   * Invalidates several keys together.
   *
   * @see CacheAside#invalidateAll(Object, Object...)
   */
  @SuppressWarnings("unchecked") // nothing is stored in the array
  default CompletableFuture<@Nullable Void> invalidateAll(K key, K... others) {
    List<K> keys = new ArrayList<>(others.length + 1);
    keys.add(key);
    keys.addAll(Arrays.asList(others));
    return invalidateAll(keys);
  }

  /**
   * Invalidates every key whose text matches a glob pattern.
   *
   * @see CacheAside#invalidateMatching
   */
  CompletableFuture<Long> invalidateMatching(String glob);

  /**
   * Invalidates every entry with a tag.
   *
   * @see CacheAside#invalidateTag
   */
  CompletableFuture<@Nullable Void> invalidateTag(String tag);

  /**
   * Declares a cached value to be too old, softly.
   *
   * @see CacheAside#markStale
   */
  CompletableFuture<Boolean> markStale(K key);

  /**
   * Invalidates every key of this cache.
   *
   * @see CacheAside#clear
   */
  CompletableFuture<@Nullable Void> clear();

  /**
   * Returns the remaining time to live of a cached value.
   *
   * @see CacheAside#remainingTtl
   */
  CompletableFuture<Optional<Duration>> remainingTtl(K key);

  /**
   * Gives a cached value another time to live, from now on. A stale one is fresh again.
   *
   * @see CacheAside#setTtl
   */
  CompletableFuture<Boolean> setTtl(K key, Duration ttl);

  /**
   * Gives a cached value its own time to live again, from now on. A stale one stays as it is, and
   * the answer is false.
   *
   * @see CacheAside#touch
   */
  CompletableFuture<Boolean> touch(K key);

  /**
   * Asks the store for a sign of life and returns the state of the cache.
   *
   * @see CacheAside#health
   */
  CompletableFuture<CacheHealth> health();

  /** Returns the synchronous face of this cache, which also has its name, counts and life cycle. */
  CacheAside<K, V> sync();
}
