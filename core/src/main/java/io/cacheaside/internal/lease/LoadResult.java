package io.cacheaside.internal.lease;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a loader answered, and decided about its answer.
 *
 * @param value null: the source has nothing
 * @param ttl how long the loader wants it cached; null if it does not say
 * @param tags the tags that the loader named
 * @param storable whether it may be cached
 * @param notModified whether it is the old value, unchanged
 */
public record LoadResult<V>(
    @Nullable V value,
    @Nullable Duration ttl,
    Set<String> tags,
    boolean storable,
    boolean notModified) {

  /** Returns the same, to live for a given time if the loader has not said how long. */
  public LoadResult<V> orTtl(@Nullable Duration given) {
    return ttl != null || given == null
        ? this
        : new LoadResult<>(value, given, tags, storable, notModified);
  }

  public static <V> LoadResult<V> plain(@Nullable V value) {
    return new LoadResult<>(value, null, Set.of(), true, false);
  }
}
