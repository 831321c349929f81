package io.cacheaside;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncLoader} that is told about its load, and may decide about its result.
 *
 * @param <K> the keys
 * @param <V> the values
 */
@FunctionalInterface
public interface AsyncContextLoader<K, V> {

  /**
   * Begins to read the current value of a key.
   *
   * @param context for this call alone, until the stage completes
   * @return a stage as {@link AsyncLoader#load} returns it
   * @throws Exception as if the stage had failed with it
   */
  CompletionStage<? extends @Nullable V> load(K key, LoadContext<V> context) throws Exception;
}
