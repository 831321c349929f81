package io.cacheaside;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Reads the values of several keys from the source of truth at once, without blocking.
 *
 * @param <K> the keys
 * @param <V> the values
 * @see BulkLoader
 */
@FunctionalInterface
public interface AsyncBulkLoader<K, V> {

  /**
   * Begins to read the current values of keys.
   *
   * @param keys at least one key and at most 10,000; unmodifiable
   * @return a stage with what the source has; a key that is missing or null is absent in the source
   * @throws Exception as if the stage had failed with it
   */
  CompletionStage<? extends Map<? extends K, ? extends V>> loadAll(Set<K> keys) throws Exception;
}
