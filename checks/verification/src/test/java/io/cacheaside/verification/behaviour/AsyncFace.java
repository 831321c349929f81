package io.cacheaside.verification.behaviour;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.AsyncWriteFence;
import io.cacheaside.BulkLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheStats;
import io.cacheaside.ContextLoader;
import io.cacheaside.Loader;
import io.cacheaside.Lookup;
import io.cacheaside.OptionalLoader;
import io.cacheaside.ReadOptions;
import io.cacheaside.SourceWrite;
import io.cacheaside.WriteFence;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous cache called like a synchronous one, so that a test is written once.
 *
 * <p>Loaders and writes run on a thread of their own, as asynchronous ones do. What a future fails
 * with is thrown as it is, checked or not.
 */
final class AsyncFace<K, V> implements CacheAside<K, V> {
  private static final long DEADLINE_SECONDS = 30;
  private static final ExecutorService SOURCE = Executors.newCachedThreadPool(CacheTest::step);

  private final AsyncCacheAside<K, V> cache;

  AsyncFace(AsyncCacheAside<K, V> cache) {
    this.cache = cache;
  }

  /** Calls something blocking as an asynchronous source would: elsewhere. */
  static <T extends @Nullable Object> CompletableFuture<T> elsewhere(Callable<? extends T> source) {
    CompletableFuture<T> result = new CompletableFuture<>();
    SOURCE.execute(
        () -> {
          try {
            result.complete(source.call());
          } catch (Throwable failure) {
            result.completeExceptionally(failure);
          }
        });
    return result;
  }

  static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    Throwable failure = failureOf(future);
    if (failure != null) {
      throw AsyncFace.<RuntimeException>asIs(failure);
    }
    return future.join();
  }

  /** Not future.get: from JDK 25 on it wraps a CancellationException in another one. */
  private static @Nullable Throwable failureOf(CompletableFuture<?> future) {
    try {
      return future.handle((value, e) -> e).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("A handled future cannot fail", e);
    } catch (TimeoutException e) {
      throw new AssertionError("No answer within " + DEADLINE_SECONDS + " s", e);
    } catch (InterruptedException e) {
      throw new AssertionError("The test was interrupted", e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> X asIs(@Nullable Throwable failure) throws X {
    throw (X) failure;
  }

  @Override
  public String name() {
    return cache.sync().name();
  }

  @Override
  public @Nullable V get(K key, Loader<? super K, ? extends V> loader) {
    return await(cache.get(key, k -> elsewhere(() -> loader.load(k))));
  }

  @Override
  public @Nullable V get(K key, ReadOptions options, Loader<? super K, ? extends V> loader) {
    return await(cache.get(key, options, k -> elsewhere(() -> loader.load(k))));
  }

  @Override
  public @Nullable V get(K key, Duration ttl, Loader<? super K, ? extends V> loader) {
    return await(cache.get(key, ttl, k -> elsewhere(() -> loader.load(k))));
  }

  @Override
  public Optional<V> find(K key, OptionalLoader<? super K, ? extends V> loader) {
    return await(cache.find(key, k -> elsewhere(() -> loader.load(k).map(v -> v))));
  }

  @Override
  public Optional<V> find(
      K key, ReadOptions options, OptionalLoader<? super K, ? extends V> loader) {
    return await(cache.find(key, options, k -> elsewhere(() -> loader.load(k).map(v -> v))));
  }

  @Override
  public @Nullable V getIfPresent(K key) {
    return await(cache.getIfPresent(key));
  }

  @Override
  public Map<K, V> getAllPresent(Collection<? extends K> keys) {
    return await(cache.getAllPresent(keys));
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    return await(cache.putIfAbsent(key, value));
  }

  @Override
  public void putAbsence(K key) {
    await(cache.putAbsence(key));
  }

  @Override
  public boolean isFenced() {
    return cache.sync().isFenced();
  }

  @Override
  public @Nullable V getWithContext(K key, ContextLoader<? super K, V> loader) {
    return await(
        cache.getWithContext(key, (k, context) -> elsewhere(() -> loader.load(k, context))));
  }

  @Override
  public @Nullable V getWithContext(
      K key, ReadOptions options, ContextLoader<? super K, V> loader) {
    return await(
        cache.getWithContext(
            key, options, (k, context) -> elsewhere(() -> loader.load(k, context))));
  }

  @Override
  public Map<K, V> getAll(
      Collection<? extends K> keys, ReadOptions options, BulkLoader<K, V> loader) {
    return await(cache.getAll(keys, options, missing -> elsewhere(() -> loader.loadAll(missing))));
  }

  @Override
  public String explain(K key) {
    return await(cache.explain(key));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> values) {
    await(cache.putAll(values));
  }

  @Override
  public WriteFence fence(K key) {
    AsyncWriteFence fence = await(cache.fence(key));
    return new WriteFence() {
      @Override
      public void invalidate() {
        await(fence.invalidate());
      }

      @Override
      public void lift() {
        await(fence.lift());
      }

      @Override
      public void close() {
        invalidate();
      }
    };
  }

  @Override
  public void invalidate(K key, long minVersion) {
    await(cache.invalidate(key, minVersion));
  }

  @Override
  public void invalidateTag(String tag) {
    await(cache.invalidateTag(tag));
  }

  @Override
  public boolean markStale(K key) {
    return await(cache.markStale(key));
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys, BulkLoader<K, V> loader) {
    return await(cache.getAll(keys, missing -> elsewhere(() -> loader.loadAll(missing))));
  }

  @Override
  public Lookup<V> lookup(K key) {
    return await(cache.lookup(key));
  }

  @Override
  public void put(K key, V value) {
    await(cache.put(key, value));
  }

  @Override
  public void put(K key, V value, Duration ttl) {
    await(cache.put(key, value, ttl));
  }

  @Override
  public boolean update(K key, UnaryOperator<V> change) {
    return await(cache.update(key, change));
  }

  @Override
  public <R, X extends Exception> R writeThenInvalidate(K key, SourceWrite<R, X> write) {
    return await(cache.<R>writeThenInvalidate(key, () -> elsewhere(write::write)));
  }

  @Override
  public void invalidate(K key) {
    await(cache.invalidate(key));
  }

  @Override
  public void invalidateAll(Collection<? extends K> keys) {
    await(cache.invalidateAll(keys));
  }

  @Override
  public long invalidateMatching(String glob) {
    return await(cache.invalidateMatching(glob));
  }

  @Override
  public void clear() {
    await(cache.clear());
  }

  @Override
  public Optional<Duration> remainingTtl(K key) {
    return await(cache.remainingTtl(key));
  }

  @Override
  public boolean setTtl(K key, Duration ttl) {
    return await(cache.setTtl(key, ttl));
  }

  @Override
  public boolean touch(K key) {
    return await(cache.touch(key));
  }

  @Override
  public CacheStats stats() {
    return cache.sync().stats();
  }

  @Override
  public CacheHealth health() {
    return await(cache.health());
  }

  @Override
  public AsyncCacheAside<K, V> async() {
    return cache;
  }

  @Override
  public void close() {
    cache.sync().close();
  }
}
