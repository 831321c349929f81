package io.cacheaside;

import java.util.Optional;

/**
 * A {@link Loader} that returns an {@link Optional}, as repositories of Spring Data do. The rules
 * of {@link Loader} about threads and current data hold here too.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see CacheAside#find
 * @see Loader#ofOptional
 */
@FunctionalInterface
public interface OptionalLoader<K, V> {

  /**
   * Returns the current value of a key.
   *
   * @return the value; empty if the source has nothing under that key
   * @throws Exception as {@link Loader#load} does
   */
  Optional<? extends V> load(K key) throws Exception;
}
