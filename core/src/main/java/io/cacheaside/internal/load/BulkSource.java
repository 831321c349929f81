package io.cacheaside.internal.load;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The source of truth for several keys as the engine sees it. */
@FunctionalInterface
public interface BulkSource<K, V> {
  CompletionStage<? extends Map<? extends K, ? extends V>> loadAll(Set<K> keys) throws Exception;
}
