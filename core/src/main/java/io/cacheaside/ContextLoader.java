package io.cacheaside;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Loader} that is told about its load, and may decide about its result.
 *
 * @param <K> the keys
 * @param <V> the values
 */
@FunctionalInterface
public interface ContextLoader<K, V> {

  /**
   * Returns the current value of a key.
   *
   * @param context for this call alone
   * @return the value; null if the source has nothing under that key
   * @throws Exception as {@link Loader#load} does
   */
  @Nullable V load(K key, LoadContext<V> context) throws Exception;
}
