package io.cacheaside.verification.history;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.ReadOptions;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One of the two faces of a cache. The stages of the blocking one are complete. */
interface Face {
  CompletableFuture<@Nullable String> get(
      String key, ReadOptions options, Function<String, @Nullable String> loader);

  CompletableFuture<Map<String, String>> getAll(
      Collection<String> keys, Function<Set<String>, Map<String, String>> loader);

  CompletableFuture<?> invalidate(String key);

  CompletableFuture<?> writeThenInvalidate(String key, Supplier<Long> write);

  CompletableFuture<?> invalidateTag(String tag);

  CompletableFuture<?> clear();

  CompletableFuture<?> update(String key, UnaryOperator<String> change);

  CompletableFuture<?> markStale(String key);

  /** Calls that return when they are done. */
  record Blocking(CacheAside<String, String> cache) implements Face {

    private static <T extends @Nullable Object> CompletableFuture<T> call(Callable<T> call) {
      try {
        return CompletableFuture.completedFuture(call.call());
      } catch (Throwable failure) {
        return CompletableFuture.failedFuture(failure);
      }
    }

    private static CompletableFuture<?> run(Runnable run) {
      return call(
          () -> {
            run.run();
            return true;
          });
    }

    @Override
    public CompletableFuture<@Nullable String> get(
        String key, ReadOptions options, Function<String, @Nullable String> loader) {
      return Blocking.<@Nullable String>call(() -> cache.get(key, options, loader::apply));
    }

    @Override
    public CompletableFuture<Map<String, String>> getAll(
        Collection<String> keys, Function<Set<String>, Map<String, String>> loader) {
      return call(() -> cache.getAll(keys, loader::apply));
    }

    @Override
    public CompletableFuture<?> invalidate(String key) {
      return run(() -> cache.invalidate(key));
    }

    @Override
    public CompletableFuture<?> writeThenInvalidate(String key, Supplier<Long> write) {
      return call(() -> cache.writeThenInvalidate(key, write::get));
    }

    @Override
    public CompletableFuture<?> invalidateTag(String tag) {
      return run(() -> cache.invalidateTag(tag));
    }

    @Override
    public CompletableFuture<?> clear() {
      return run(cache::clear);
    }

    @Override
    public CompletableFuture<?> update(String key, UnaryOperator<String> change) {
      return call(() -> cache.update(key, change));
    }

    @Override
    public CompletableFuture<?> markStale(String key) {
      return call(() -> cache.markStale(key));
    }
  }

  /** Calls that return at once; loaders and writes run on an executor. */
  record Async(AsyncCacheAside<String, String> cache, Executor executor) implements Face {

    @Override
    public CompletableFuture<@Nullable String> get(
        String key, ReadOptions options, Function<String, @Nullable String> loader) {
      return cache.get(
          key, options, name -> CompletableFuture.supplyAsync(() -> loader.apply(name), executor));
    }

    @Override
    public CompletableFuture<Map<String, String>> getAll(
        Collection<String> keys, Function<Set<String>, Map<String, String>> loader) {
      return cache.getAll(
          keys, names -> CompletableFuture.supplyAsync(() -> loader.apply(names), executor));
    }

    @Override
    public CompletableFuture<?> invalidate(String key) {
      return cache.invalidate(key);
    }

    @Override
    public CompletableFuture<?> writeThenInvalidate(String key, Supplier<Long> write) {
      return cache.writeThenInvalidate(key, () -> CompletableFuture.supplyAsync(write, executor));
    }

    @Override
    public CompletableFuture<?> invalidateTag(String tag) {
      return cache.invalidateTag(tag);
    }

    @Override
    public CompletableFuture<?> clear() {
      return cache.clear();
    }

    @Override
    public CompletableFuture<?> update(String key, UnaryOperator<String> change) {
      return cache.update(key, change);
    }

    @Override
    public CompletableFuture<?> markStale(String key) {
      return cache.markStale(key);
    }
  }
}
