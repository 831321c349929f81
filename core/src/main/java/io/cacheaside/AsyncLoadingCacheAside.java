package io.cacheaside;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous face of a {@link LoadingCacheAside}. A loader that blocks runs where one of
 * {@link #getBlocking(Object, Loader)} does.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public interface AsyncLoadingCacheAside<K, V> extends AsyncCacheAside<K, V> {

  /**
   * Returns the value of a key from the cache, or else loads it and caches it.
   *
   * @return a future of the value; of null if the source has nothing under that key
   * @see LoadingCacheAside#get(Object)
   */
  CompletableFuture<@Nullable V> get(K key);

  /** Does what {@link #get(Object)} does, with another time to live for what it loads. */
  CompletableFuture<@Nullable V> get(K key, Duration ttl);

  /** Does what {@link #get(Object)} does, with options for this one read. */
  CompletableFuture<@Nullable V> get(K key, ReadOptions options);

  /**
   * Returns the values of several keys, and loads those that are missing.
   *
   * @see LoadingCacheAside#getAll(Collection)
   */
  CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys);

  /** Does what {@link #getAll(Collection)} does, with options for this one call. */
  CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys, ReadOptions options);

  /**
   * Loads a value anew, whatever is cached, and caches it.
   *
   * @see LoadingCacheAside#refresh
   */
  CompletableFuture<@Nullable V> refresh(K key);

  /**
   * Loads several values anew.
   *
   * @see LoadingCacheAside#refreshAll
   */
  CompletableFuture<Map<K, V>> refreshAll(Collection<? extends K> keys);

  @Override
  LoadingCacheAside<K, V> sync();
}
