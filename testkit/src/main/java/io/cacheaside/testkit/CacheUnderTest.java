package io.cacheaside.testkit;

import static java.util.concurrent.CompletableFuture.supplyAsync;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@link CacheAssertions} need of a cache: one that is made by this library, or any other code
 * that reads through a cache and invalidates.
 *
 * <p>Implementations are called by many threads at once. What they throw fails the assertion.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface CacheUnderTest<K, V> {

  /** Returns the value of a key, out of the cache or else of the source. */
  @Nullable V get(K key, Function<K, V> source) throws Exception;

  /** Takes the value of a key out of the cache. Has done so when it returns. */
  void invalidate(K key) throws Exception;

  /** Returns the blocking face of a cache. */
  static <K, V> CacheUnderTest<K, V> of(CacheAside<K, V> cache) {
    return new CacheUnderTest<>() {
      @Override
      public @Nullable V get(K key, Function<K, V> source) {
        return cache.get(key, source::apply);
      }

      @Override
      public void invalidate(K key) {
        cache.invalidate(key);
      }
    };
  }

  /** Returns the asynchronous face of a cache, whose callers wait for their futures. */
  static <K, V> CacheUnderTest<K, V> of(AsyncCacheAside<K, V> cache) {
    return new CacheUnderTest<>() {
      @Override
      public @Nullable V get(K key, Function<K, V> source)
          throws ExecutionException, InterruptedException {
        return cache.get(key, k -> supplyAsync(() -> source.apply(k), Crew::startThread)).get();
      }

      @Override
      public void invalidate(K key) throws ExecutionException, InterruptedException {
        cache.invalidate(key).get();
      }
    };
  }
}
