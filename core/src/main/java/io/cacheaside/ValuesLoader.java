package io.cacheaside;

import java.util.List;

/**
 * Reads the values of several keys from the source of truth, without saying which value has which
 * key.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see BulkLoader#byKey
 */
@FunctionalInterface
public interface ValuesLoader<K, V> {

  /**
   * Returns the current values of keys, in any order, without those that the source does not have.
   *
   * @param keys at least one key and at most 10,000; unmodifiable, without repetition
   * @throws Exception if the source could not be read: all these keys failed
   */
  Iterable<? extends V> loadAll(List<K> keys) throws Exception;
}
