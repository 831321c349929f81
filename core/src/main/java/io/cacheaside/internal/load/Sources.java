package io.cacheaside.internal.load;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The source of truth for one key and for several.
 *
 * @param all null if several keys are loaded one by one, side by side
 */
public record Sources<K, V>(Source<K, V> one, @Nullable BulkSource<K, V> all) {

  /** Returns a source that loads one key as it loads several. */
  public static <K, V> Sources<K, V> of(BulkSource<K, V> all) {
    return new Sources<>(
        (key, context) -> all.loadAll(Set.of(key)).thenApply(values -> values.get(key)), all);
  }
}
