package io.cacheaside;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value from the source of truth, typically a database.
 *
 * <p>A synchronous cache calls it on the thread of its caller, or on the {@linkplain
 * CacheAsideBuilder#loaderExecutor loader executor} if there is one. Where no thread waits for it
 * alone, it runs on the loader executor or else on a {@linkplain Environment#newBackgroundThreads
 * thread for loads in the background}: in a {@linkplain CacheAsideBuilder#staleWhileRevalidate
 * refresh}, under a {@linkplain CacheAsideBuilder#softTimeout soft timeout}, for {@link
 * AsyncCacheAside#getBlocking(Object, Loader)}, and where several keys are {@linkplain
 * LoadingCacheAside#getAll(java.util.Collection) loaded side by side}. It is never called on a
 * thread of the network client, and holds no store connection meanwhile. It has to see every
 * committed write: not a lagging replica, not an older transaction snapshot.
 *
 * @param <K> the keys
 * @param <V> the values
 */
@FunctionalInterface
public interface Loader<K, V> {

  /**
   * Returns the current value of a key.
   *
   * @return the value; null if the source has nothing under that key
   * @throws Exception if the source could not be read: reaches the caller that loads unchanged, a
   *     checked one wrapped in a {@link LoadException}; nothing is cached
   */
  @Nullable V load(K key) throws Exception;

  /** Returns a loader that returns null where another one returns an empty {@link Optional}. */
  static <K, V> Loader<K, V> ofOptional(OptionalLoader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return key ->
        Objects.requireNonNull(loader.load(key), "the loader returned null instead of an Optional")
            .orElse(null);
  }
}
