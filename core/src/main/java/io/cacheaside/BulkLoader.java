package io.cacheaside;

import java.util.Map;
import java.util.Set;

/**
 * Reads the values of several keys from the source of truth at once.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see Loader
 */
@FunctionalInterface
public interface BulkLoader<K, V> {

  /**
   * Returns the current values of keys.
   *
   * @param keys at least one key and at most 10,000; unmodifiable
   * @return what the source has; a key that is missing or null is absent in the source, keys that
   *     were not asked for are ignored
   * @throws Exception if the source could not be read: all these keys failed
   */
  Map<? extends K, ? extends V> loadAll(Set<K> keys) throws Exception;
}
