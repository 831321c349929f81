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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A write to the source and the invalidations that follow it, as {@link Invalidations} has them,
 * without blocking.
 *
 * <pre>{@code
 * AsyncInvalidations.after(() -> repository.saveAsync(user))
 *     .of(users, user.id())
 *     .tag(lists, "team:" + user.team())
 *     .run();
 * }</pre>
 *
 * <p>Fences are put up together, and what is invalidated is invalidated together. Not thread-safe;
 * made for one call.
 *
 * @param <R> what the write returns
 */
public final class AsyncInvalidations<R extends @Nullable Object> {
  private final AsyncSourceWrite<R> write;
  private final Map<AsyncCacheAside<?, ?>, Keys<?>> keys = new LinkedHashMap<>();
  private final List<AsyncWriteFence> tags = new ArrayList<>();

  private AsyncInvalidations(AsyncSourceWrite<R> write) {
    this.write = write;
  }

  /** Returns the invalidations after a write, none yet. */
  public static <R extends @Nullable Object> AsyncInvalidations<R> after(
      AsyncSourceWrite<R> write) {
    return new AsyncInvalidations<>(Objects.requireNonNull(write, "write"));
  }

  /**
   * Adds a key.
   *
   * @throws IllegalArgumentException if the cache refuses the key
   */
  public <K> AsyncInvalidations<R> of(AsyncCacheAside<K, ?> cache, K key) {
    return ofAll(cache, List.of(key));
  }

  /**
   * Adds several keys.
   *
   * @throws IllegalArgumentException if the cache refuses one of them
   */
  public <K> AsyncInvalidations<R> ofAll(
      AsyncCacheAside<K, ?> cache, Collection<? extends K> keys) {
    SyncCache.check(cache.sync(), keys);
    keysOf(cache).all().addAll(List.copyOf(keys));
    return this;
  }

  @SuppressWarnings("unchecked") // the keys of a cache are of its own type
  private <K> Keys<K> keysOf(AsyncCacheAside<K, ?> cache) {
    return (Keys<K>) keys.computeIfAbsent(cache, any -> new Keys<>(cache, new LinkedHashSet<>()));
  }

  /**
   * Adds every entry with a tag.
   *
   * @throws IllegalArgumentException if the cache refuses the tag
   * @throws IllegalStateException if the cache was built without tags
   */
  public AsyncInvalidations<R> tag(AsyncCacheAside<?, ?> cache, String tag) {
    SyncCache.checkTag(cache.sync(), tag);
    tags.add(new Unfenced(() -> cache.invalidateTag(tag)));
    return this;
  }

  /**
   * Begins to write, and then invalidates. Does not block.
   *
   * @return a future of what the write returned. It fails with what the write failed with, in which
   *     failures of invalidations are suppressed; or with an {@link InvalidationFailedException} as
   *     {@link Invalidations#run} throws it
   */
  public CompletableFuture<R> run() {
    List<CompletableFuture<AsyncWriteFence>> raising = new ArrayList<>();
    keys.values().forEach(each -> each.raise(raising));
    tags.forEach(tag -> raising.add(CompletableFuture.completedFuture(tag)));
    return Stages.relay(
        settled(raising).thenCompose(failures -> write(raised(raising), failures)),
        result -> result);
  }

  private CompletableFuture<R> write(List<AsyncWriteFence> fences, List<Throwable> notRaised) {
    if (!notRaised.isEmpty()) {
      Throwable first = notRaised.get(0);
      return ended(fences, AsyncWriteFence::lift)
          .thenCompose(
              failures -> {
                notRaised.forEach(further -> Stages.suppress(further, first));
                failures.forEach(further -> Stages.suppress(further, first));
                return CompletableFuture.failedFuture(first);
              });
    }
    CompletableFuture<R> written = begun(this::written);
    return settled(List.of(written))
        .thenCompose(
            writeFailures ->
                ended(fences, AsyncWriteFence::invalidate)
                    .thenApply(failures -> outcome(written, writeFailures, failures)));
  }

  /** Not by {@code toCompletableFuture}, which a stage need not support. */
  private CompletableFuture<R> written() throws Exception {
    CompletableFuture<R> written = new CompletableFuture<>();
    Stages.whenDone(
        Objects.requireNonNull(write.write(), "the write returned null instead of a stage"),
        (result, failure) -> {
          if (failure == null) {
            written.complete(result);
          } else {
            written.completeExceptionally(failure);
          }
        });
    return written;
  }

  private static <R extends @Nullable Object> R outcome(
      CompletableFuture<R> written, List<Throwable> writeFailures, List<Throwable> failures) {
    if (!writeFailures.isEmpty()) {
      Throwable original = writeFailures.get(0);
      failures.forEach(further -> Stages.suppress(further, original));
      throw new CompletionException(original);
    }
    R result = written.join();
    if (!failures.isEmpty()) {
      throw new CompletionException(InvalidationFailedException.afterWrite(result, failures));
    }
    return result;
  }

  private static List<AsyncWriteFence> raised(List<CompletableFuture<AsyncWriteFence>> raising) {
    return raising.stream()
        .filter(each -> !each.isCompletedExceptionally())
        .map(CompletableFuture::join)
        .toList();
  }

  private static CompletableFuture<List<Throwable>> ended(
      List<AsyncWriteFence> fences,
      Function<AsyncWriteFence, CompletableFuture<@Nullable Void>> ending) {
    return settled(fences.stream().map(fence -> begun(() -> ending.apply(fence))).toList());
  }

  /** Returns a future of the failures of others, once these are done. */
  private static CompletableFuture<List<Throwable>> settled(
      List<? extends CompletableFuture<?>> all) {
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .handle((done, failed) -> failures(all));
  }

  private static List<Throwable> failures(List<? extends CompletableFuture<?>> done) {
    List<Throwable> failures = new ArrayList<>();
    for (CompletableFuture<?> each : done) {
      if (each.isCompletedExceptionally()) {
        failures.add(Stages.unwrap(each.handle((value, failure) -> failure).join()));
      }
    }
    return failures;
  }

  private static <T extends @Nullable Object> CompletableFuture<T> begun(
      Callable<CompletableFuture<T>> step) {
    try {
      return step.call();
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** Keys of one cache; none comes twice, because the second fence would outlast the first. */
  private record Keys<K>(AsyncCacheAside<K, ?> cache, Set<K> all) {
    void raise(List<CompletableFuture<AsyncWriteFence>> fences) {
      if (cache.sync().isFenced()) {
        all.forEach(key -> fences.add(begun(() -> cache.fence(key))));
      } else {
        fences.add(CompletableFuture.completedFuture(new Unfenced(() -> cache.invalidateAll(all))));
      }
    }
  }

  /** What stands where a cache has no fences. */
  private record Unfenced(Supplier<CompletableFuture<@Nullable Void>> invalidation)
      implements AsyncWriteFence {
    @Override
    public CompletableFuture<@Nullable Void> invalidate() {
      return invalidation.get();
    }

    @Override
    public CompletableFuture<@Nullable Void> lift() {
      return CompletableFuture.completedFuture(null);
    }
  }
}
