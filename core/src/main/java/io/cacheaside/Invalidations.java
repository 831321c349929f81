package io.cacheaside;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final List<Supplier<WriteFence>> targets = new ArrayList<>();

  private Invalidations(SourceWrite<R, X> write) {
    this.write = write;
  }

  /** Returns the invalidations after a write, none yet. */
  public static <R extends @Nullable Object, X extends Exception> Invalidations<R, X> after(
      SourceWrite<R, X> write) {
    return new Invalidations<>(Objects.requireNonNull(write, "write"));
  }

  /** Returns the invalidations after a write that returns nothing, none yet. */
  @SuppressWarnings("NullAway") // it knows no type argument that may be null
  public static <X extends Exception> Invalidations<@Nullable Void, X> after(
      VoidSourceWrite<X> write) {
    Objects.requireNonNull(write, "write");
    return new Invalidations<>(
        () -> {
          write.write();
          return null;
        });
  }

  /** Adds a key. */
  public <K> Invalidations<R, X> of(CacheAside<K, ?> cache, K key) {
    return ofAll(cache, List.of(key));
  }

  /** Adds several keys. */
  public <K> Invalidations<R, X> ofAll(CacheAside<K, ?> cache, Collection<? extends K> keys) {
    List<K> all = List.copyOf(keys);
    if (cache.isFenced()) {
      all.forEach(key -> targets.add(() -> cache.fence(key)));
    } else {
      targets.add(() -> new Unfenced(() -> cache.invalidateAll(all)));
    }
    return this;
  }

  /** Adds every entry with a tag. */
  public Invalidations<R, X> tag(CacheAside<?, ?> cache, String tag) {
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(tag, "tag");
    targets.add(() -> new Unfenced(() -> cache.invalidateTag(tag)));
    return this;
  }

  /**
   * Writes and then invalidates. Blocks until all caches have confirmed it or given up.
   *
   * @return what the write returned
   * @throws X what the write threw; failures of invalidations that followed are suppressed in it
   * @throws InvalidationFailedException if the write is committed and an invalidation failed, or
   *     the thread was interrupted, or a cache refused a key or a tag; carries the result of the
   *     write. The first failure is the cause, others are suppressed. What could not be invalidated
   *     is read around and repeated as after {@link CacheAside#invalidate}
   * @throws WaitInterruptedException if the thread was interrupted while fences were put up:
   *     nothing was written, and fences may stay for their fence time
   */
  public R run() throws X {
    List<WriteFence> fences = raised();
    R written;
    try {
      written = write.write();
    } catch (Throwable failure) {
      failures(fences, WriteFence::invalidate).forEach(failure::addSuppressed);
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
      targets.forEach(target -> fences.add(target.get()));
    } catch (Throwable failure) {
      failures(fences, WriteFence::lift).forEach(failure::addSuppressed);
      throw failure;
    }
    return fences;
  }

  private static List<Throwable> failures(List<WriteFence> fences, Consumer<WriteFence> ending) {
    List<Throwable> failures = new ArrayList<>();
    for (WriteFence fence : fences) {
      try {
        ending.accept(fence);
      } catch (RuntimeException failure) {
        failures.add(failure);
      }
    }
    return failures;
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
