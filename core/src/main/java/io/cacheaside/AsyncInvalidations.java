package io.cacheaside;

import io.cacheaside.internal.flow.Stages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
  private final List<Supplier<CompletableFuture<AsyncWriteFence>>> targets = new ArrayList<>();

  private AsyncInvalidations(AsyncSourceWrite<R> write) {
    this.write = write;
  }

  /** Returns the invalidations after a write, none yet. */
  public static <R extends @Nullable Object> AsyncInvalidations<R> after(
      AsyncSourceWrite<R> write) {
    return new AsyncInvalidations<>(Objects.requireNonNull(write, "write"));
  }

  /** Adds a key. */
  public <K> AsyncInvalidations<R> of(AsyncCacheAside<K, ?> cache, K key) {
    return ofAll(cache, List.of(key));
  }

  /** Adds several keys. */
  public <K> AsyncInvalidations<R> ofAll(
      AsyncCacheAside<K, ?> cache, Collection<? extends K> keys) {
    List<K> all = List.copyOf(keys);
    if (cache.sync().isFenced()) {
      all.forEach(key -> targets.add(() -> cache.fence(key)));
    } else {
      targets.add(() -> unfenced(() -> cache.invalidateAll(all)));
    }
    return this;
  }

  /** Adds every entry with a tag. */
  public AsyncInvalidations<R> tag(AsyncCacheAside<?, ?> cache, String tag) {
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(tag, "tag");
    targets.add(() -> unfenced(() -> cache.invalidateTag(tag)));
    return this;
  }

  private static CompletableFuture<AsyncWriteFence> unfenced(
      Supplier<CompletableFuture<@Nullable Void>> invalidation) {
    return CompletableFuture.completedFuture(new Unfenced(invalidation));
  }

  /**
   * Begins to write, and then invalidates. Does not block.
   *
   * @return a future of what the write returned. It fails with what the write failed with, in which
   *     failures of invalidations are suppressed; or with an {@link InvalidationFailedException} as
   *     {@link Invalidations#run} throws it; or, without a write, with what a cache says of a key
   *     that it refuses
   */
  public CompletableFuture<R> run() {
    List<CompletableFuture<AsyncWriteFence>> raising =
        targets.stream().map(target -> begun(target::get)).toList();
    return Stages.relay(
        settled(raising).thenCompose(failures -> write(raised(raising), failures)),
        result -> result);
  }

  private CompletableFuture<R> write(List<AsyncWriteFence> fences, List<Throwable> notRaised) {
    if (!notRaised.isEmpty()) {
      Throwable first = notRaised.get(0);
      return ended(fences, AsyncWriteFence::lift)
          .thenCompose(failures -> CompletableFuture.failedFuture(first));
    }
    CompletableFuture<R> written =
        begun(() -> write.write().toCompletableFuture().<R>thenApply(result -> result));
    return settled(List.of(written))
        .thenCompose(
            writeFailures ->
                ended(fences, AsyncWriteFence::invalidate)
                    .thenApply(failures -> outcome(written, writeFailures, failures)));
  }

  private static <R extends @Nullable Object> R outcome(
      CompletableFuture<R> written, List<Throwable> writeFailures, List<Throwable> failures) {
    if (!writeFailures.isEmpty()) {
      Throwable original = writeFailures.get(0);
      failures.forEach(original::addSuppressed);
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
