package io.cacheaside;

import io.cacheaside.internal.SyncCache;
import io.cacheaside.internal.flow.Stages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A write to the source and the invalidations that follow it, for writes that change what several
 * keys, tags or caches show.
 *
 * <pre>{@code
 * Invalidations.after(() -> repository.save(user))
 *     .of(users, user.id())
 *     .tag(lists, "team:" + user.team())
 *     .run();
 * }</pre>
 *
 * <p>{@link #run} puts up a {@linkplain CacheAside#fence fence} for each key of a cache that
 * {@linkplain CacheAside#isFenced has fences}, writes, and then invalidates everything, whether the
 * write succeeded or not (a failed write may have been committed). An invalidation that fails keeps
 * none of the others from being tried.
 *
 * <p>Not thread-safe; made for one call. {@link AsyncInvalidations} does the same without blocking.
 *
 * @param <R> what the write returns
 * @param <X> the checked exception that the write may throw
 * @see CacheAside#writeThenInvalidate
 */
public final class Invalidations<R extends @Nullable Object, X extends Exception> {
  private final SourceWrite<R, X> write;
  private final Map<CacheAside<?, ?>, Keys<?>> keys = new LinkedHashMap<>();
  private final List<WriteFence> tags = new ArrayList<>();

  private Invalidations(SourceWrite<R, X> write) {
    this.write = write;
  }

  /** Returns the invalidations after a write, none yet. */
  public static <R extends @Nullable Object, X extends Exception> Invalidations<R, X> after(
      SourceWrite<R, X> write) {
    return new Invalidations<>(Objects.requireNonNull(write, "write"));
  }

  /** Returns the invalidations after a write that returns nothing, none yet. */
  public static <X extends Exception> Invalidations<@Nullable Void, X> after(
      VoidSourceWrite<X> write) {
    return new Invalidations<>(SourceWrite.of(write));
  }

  /**
   * Adds a key.
   *
   * @throws IllegalArgumentException if the cache refuses the key
   */
  public <K> Invalidations<R, X> of(CacheAside<K, ?> cache, K key) {
    return ofAll(cache, List.of(key));
  }

  /**
   * Adds several keys.
   *
   * @throws IllegalArgumentException if the cache refuses one of them
   */
  public <K> Invalidations<R, X> ofAll(CacheAside<K, ?> cache, Collection<? extends K> keys) {
    SyncCache.check(cache, keys);
    keysOf(cache).all().addAll(List.copyOf(keys));
    return this;
  }

  @SuppressWarnings("unchecked") // the keys of a cache are of its own type
  private <K> Keys<K> keysOf(CacheAside<K, ?> cache) {
    return (Keys<K>) keys.computeIfAbsent(cache, any -> new Keys<>(cache, new LinkedHashSet<>()));
  }

  /**
   * Adds every entry with a tag.
   *
   * @throws IllegalArgumentException if the cache refuses the tag
   * @throws IllegalStateException if the cache was built without tags
   */
  public Invalidations<R, X> tag(CacheAside<?, ?> cache, String tag) {
    SyncCache.checkTag(cache, tag);
    tags.add(new Unfenced(() -> cache.invalidateTag(tag)));
    return this;
  }

  /**
   * Writes and then invalidates. Blocks until all caches have confirmed it or given up.
   *
   * @return what the write returned
   * @throws X what the write threw; failures of invalidations that followed are suppressed in it
   * @throws InvalidationFailedException if the write is committed and an invalidation failed, or
   *     the thread was interrupted; carries the result of the write. The first failure is the
   *     cause, others are suppressed. What could not be invalidated is read around and repeated as
   *     after {@link CacheAside#invalidate}
   * @throws WaitInterruptedException if the thread was interrupted while fences were put up:
   *     nothing was written, and fences may stay for their fence time
   */
  public R run() throws X {
    List<WriteFence> fences = raised();
    R written;
    try {
      written = write.write();
    } catch (Throwable failure) {
      failures(fences, WriteFence::invalidate)
          .forEach(further -> Stages.suppress(further, failure));
      throw failure;
    }
    List<Throwable> failures = failures(fences, WriteFence::invalidate);
    if (!failures.isEmpty()) {
      throw InvalidationFailedException.afterWrite(written, failures);
    }
    return written;
  }

  private List<WriteFence> raised() {
    List<WriteFence> fences = new ArrayList<>();
    try {
      keys.values().forEach(each -> each.raise(fences));
    } catch (Throwable failure) {
      failures(fences, WriteFence::lift).forEach(further -> Stages.suppress(further, failure));
      throw failure;
    }
    fences.addAll(tags);
    return fences;
  }

  private static List<Throwable> failures(List<WriteFence> fences, Consumer<WriteFence> ending) {
    List<Throwable> failures = new ArrayList<>();
    for (WriteFence fence : fences) {
      try {
        ending.accept(fence);
      } catch (Throwable failure) {
        failures.add(failure);
      }
    }
    return failures;
  }

  /** Keys of one cache; none comes twice, because the second fence would outlast the first. */
  private record Keys<K>(CacheAside<K, ?> cache, Set<K> all) {
    void raise(List<WriteFence> fences) {
      if (cache.isFenced()) {
        all.forEach(key -> fences.add(cache.fence(key)));
      } else {
        fences.add(new Unfenced(() -> cache.invalidateAll(all)));
      }
    }
  }

  /** What stands where a cache has no fences. */
  private record Unfenced(Runnable invalidation) implements WriteFence {
    @Override
    public void invalidate() {
      invalidation.run();
    }

    @Override
    public void lift() {}

    @Override
    public void close() {
      invalidate();
    }
  }
}
