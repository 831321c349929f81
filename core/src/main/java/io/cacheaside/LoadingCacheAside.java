package io.cacheaside;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CacheAside} with a loader of its own, so that a read names the key alone.
 *
 * <pre>{@code
 * LoadingCacheAside<String, User> users =
 *     CacheAside.builder("users", JsonCodec.of(User.class)).store(redis).build(repository::find);
 *
 * User user = users.get("42");
 * }</pre>
 *
 * <p>All guarantees, limits and exceptions are those of {@link CacheAside}. The methods that take a
 * loader work here too, with that one. There is no view as a {@link Map}: what a map promises about
 * iteration, size and atomic changes, no cache on several processes can keep.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see CacheAsideBuilder#build(Loader)
 */
public interface LoadingCacheAside<K, V> extends CacheAside<K, V> {

  /**
   * Returns the value of a key from the cache, or else loads it and caches it.
   *
   * @return the value; null if the source has nothing under that key
   * @see CacheAside#get(Object, Loader)
   */
  @Nullable V get(K key);

  /** Does what {@link #get(Object)} does, with another time to live for what it loads. */
  @Nullable V get(K key, Duration ttl);

  /** Does what {@link #get(Object)} does, with options for this one read. */
  @Nullable V get(K key, ReadOptions options);

  /**
   * Returns the values of several keys, and loads those that are missing: together if the cache has
   * a bulk loader, else side by side.
   *
   * <p>Side by side, each key has its own load and its own failure. The loaders run on the
   * {@linkplain CacheAsideBuilder#loaderExecutor loader executor}, or else on threads for loads in
   * the background; one missing key is loaded where {@link #get(Object)} loads it. Keys are read
   * and loaded in parts of {@link CacheAsideBuilder#maxConcurrentLoads}. Waiting for a thread
   * counts against the {@linkplain CacheAsideBuilder#loadTimeout load timeout} of a key. Called by
   * a loader, this method runs the loaders one after the other.
   *
   * @return the values that the source has, in the order of {@code keys}; unmodifiable
   * @throws BulkLoadException if some keys could not be loaded; carries the others
   * @see CacheAside#getAll
   */
  Map<K, V> getAll(Collection<? extends K> keys);

  /** Does what {@link #getAll(Collection)} does, with options for this one call. */
  Map<K, V> getAll(Collection<? extends K> keys, ReadOptions options);

  /**
   * Loads a value anew, whatever is cached, and caches it. Others read what is cached meanwhile.
   *
   * @return the value; null if the source has nothing under that key
   * @see ReadOptions#forceRefresh
   */
  @Nullable V refresh(K key);

  /**
   * Loads several values anew, as {@link #refresh} and {@link #getAll(Collection)} do.
   *
   * @return the values that the source has, in the order of {@code keys}; unmodifiable
   * @throws BulkLoadException if some keys could not be loaded; carries the others
   */
  Map<K, V> refreshAll(Collection<? extends K> keys);

  @Override
  AsyncLoadingCacheAside<K, V> async();
}
