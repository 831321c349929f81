package io.cacheaside;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads a value from the source of truth without blocking.
 *
 * <p>Called on the cache's executor or on the thread that called the cache, never on a thread of
 * the network client. The rules of {@link Loader} about current data hold here too.
 *
 * @param <K> the keys
 * @param <V> the values
 */
@FunctionalInterface
public interface AsyncLoader<K, V> {

  /**
   * Begins to read the current value of a key.
   *
   * @return a stage that completes with the value, with null if the source has nothing under that
   *     key, or exceptionally
   * @throws Exception as if the stage had failed with it
   */
  CompletionStage<? extends @Nullable V> load(K key) throws Exception;
}
