package io.cacheaside.internal.load;

import io.cacheaside.LoadContext;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The source of truth as the engine sees it: every loader of the API is turned into one of these.
 */
@FunctionalInterface
public interface Source<K, V> {
  CompletionStage<? extends @Nullable V> load(K key, LoadContext<V> context) throws Exception;
}
