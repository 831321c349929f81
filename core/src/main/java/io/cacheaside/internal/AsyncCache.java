package io.cacheaside.internal;

import io.cacheaside.AsyncBulkLoader;
import io.cacheaside.AsyncCacheAside;
import io.cacheaside.AsyncContextLoader;
import io.cacheaside.AsyncLoader;
import io.cacheaside.AsyncSourceWrite;
import io.cacheaside.AsyncWriteFence;
import io.cacheaside.BulkLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.Loader;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.SerialCaller;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.invalidate.Fences;
import io.cacheaside.internal.load.Source;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.internal.near.NearEntry;
import io.cacheaside.internal.operation.Operations;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The asynchronous face: lets each operation run on the executor and hands out its result. */
class AsyncCache<K, V> implements AsyncCacheAside<K, V> {
  private final Operations<K, V> operations;
  private final Executor executor;
  private final CacheAside<K, V> sync;
  private final Caller caller;
  private final Caller blocking;

  AsyncCache(Operations<K, V> operations, Executor executor, CacheAside<K, V> sync) {
    this.operations = operations;
    this.executor = executor;
    this.sync = sync;
    this.caller = Caller.on(executor);
    this.blocking = Caller.blockingOn(executor);
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key, AsyncLoader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> get(
      K key, ReadOptions options, AsyncLoader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return load(key, options, (k, context) -> loader.load(k), false);
  }

  @Override
  public CompletableFuture<@Nullable V> get(
      K key, Duration ttl, AsyncLoader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults().ttl(ttl), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> getWithContext(
      K key, AsyncContextLoader<? super K, V> loader) {
    return getWithContext(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> getWithContext(
      K key, ReadOptions options, AsyncContextLoader<? super K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    return load(key, options, loader::load, false);
  }

  @Override
  public CompletableFuture<@Nullable V> getBlocking(K key, Loader<? super K, ? extends V> loader) {
    return getBlocking(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> getBlocking(
      K key, ReadOptions options, Loader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return load(
        key, options, (k, context) -> CompletableFuture.completedFuture(loader.load(k)), true);
  }

  @Override
  public CompletableFuture<Optional<V>> find(K key, AsyncLoader<? super K, Optional<V>> loader) {
    return find(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<Optional<V>> find(
      K key, ReadOptions options, AsyncLoader<? super K, Optional<V>> loader) {
    Objects.requireNonNull(loader, "loader");
    Source<K, V> source = (k, context) -> loader.load(k).thenApply(AsyncCache::orNull);
    return Stages.mapped(load(key, options, source, false), Optional::ofNullable);
  }

  private static <V> @Nullable V orNull(Optional<V> loaded) {
    return Objects.requireNonNull(loaded, "the loader returned null instead of an Optional")
        .orElse(null);
  }

  @Override
  public CompletableFuture<@Nullable V> getIfPresent(K key) {
    return operations.getIfPresent(caller, key).begin();
  }

  @Override
  public CompletableFuture<Map<K, V>> getAllPresent(Collection<? extends K> keys) {
    return oneByOne(false, caller -> operations.getAllPresent(caller, keys));
  }

  /**
   * Reads a key.
   *
   * @param blocks whether the source blocks its thread
   */
  final CompletableFuture<@Nullable V> load(
      K key, ReadOptions options, Source<K, V> source, boolean blocks) {
    Objects.requireNonNull(options, "options");
    NearEntry<V> near = operations.near(key, options);
    if (near != null) {
      try {
        return CompletableFuture.completedFuture(operations.handOut(key, near));
      } catch (RuntimeException | Error failure) {
        return CompletableFuture.failedFuture(failure);
      }
    }
    return operations.get(blocks ? blocking : caller, key, options, source).begin();
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, AsyncBulkLoader<K, V> loader) {
    return getAll(keys, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, ReadOptions options, AsyncBulkLoader<K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    return loadAll(keys, options, Sources.of(loader::loadAll), false);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAllBlocking(
      Collection<? extends K> keys, BulkLoader<K, V> loader) {
    return getAllBlocking(keys, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAllBlocking(
      Collection<? extends K> keys, ReadOptions options, BulkLoader<K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    return loadAll(
        keys,
        options,
        Sources.of(missing -> CompletableFuture.completedFuture(loader.loadAll(missing))),
        true);
  }

  /**
   * Reads several keys.
   *
   * @param block whether the sources block their thread
   */
  final CompletableFuture<Map<K, V>> loadAll(
      Collection<? extends K> keys, ReadOptions options, Sources<K, V> sources, boolean block) {
    Objects.requireNonNull(options, "options");
    return oneByOne(block, caller -> operations.getAll(caller, keys, options, sources));
  }

  private <R> CompletableFuture<R> oneByOne(
      boolean blocks, Function<Caller, Operation<R>> operation) {
    Caller oneByOne = new SerialCaller(executor, blocks);
    Operation<R> begun = operation.apply(oneByOne);
    oneByOne.execute(begun::run);
    return begun.result;
  }

  @Override
  public CompletableFuture<Lookup<V>> lookup(K key) {
    return operations.lookup(caller, key).begin();
  }

  @Override
  public CompletableFuture<String> explain(K key) {
    return operations.explain(caller, key).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> put(K key, V value) {
    return Stages.mapped(operations.put(caller, key, value).begin(), stored -> null);
  }

  @Override
  public CompletableFuture<@Nullable Void> put(K key, V value, Duration ttl) {
    return Stages.mapped(operations.put(caller, key, value, ttl).begin(), stored -> null);
  }

  @Override
  public CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> values) {
    return operations.putAll(new SerialCaller(executor), values).begin();
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(K key, V value) {
    return operations.putIfAbsent(caller, key, value).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> putAbsence(K key) {
    return Stages.mapped(operations.putAbsence(caller, key).begin(), stored -> null);
  }

  @Override
  public CompletableFuture<Boolean> update(K key, UnaryOperator<V> change) {
    return operations.update(caller, key, change).begin();
  }

  @Override
  public <R extends @Nullable Object> CompletableFuture<R> writeThenInvalidate(
      K key, AsyncSourceWrite<R> write) {
    return operations.writeThenInvalidate(caller, key, write).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidate(K key) {
    return confirmed(operations.invalidate(caller, key));
  }

  @Override
  public CompletableFuture<AsyncWriteFence> fence(K key) {
    return Stages.relay(operations.fence(caller, key).begin(), Fence::new);
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidate(K key, long minVersion) {
    return confirmed(operations.invalidate(caller, key, minVersion));
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidateAll(Collection<? extends K> keys) {
    return confirmed(operations.invalidateAll(caller, keys));
  }

  @Override
  public CompletableFuture<Long> invalidateMatching(String glob) {
    return Stages.relay(operations.invalidateMatching(caller, glob).begin(), count -> count);
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidateTag(String tag) {
    return confirmed(operations.invalidateTag(caller, tag));
  }

  @Override
  public CompletableFuture<@Nullable Void> clear() {
    return confirmed(operations.clear(caller));
  }

  @Override
  public CompletableFuture<Boolean> markStale(K key) {
    return operations.markStale(caller, key).begin();
  }

  @Override
  public CompletableFuture<Optional<Duration>> remainingTtl(K key) {
    return operations.remainingTtl(caller, key).begin();
  }

  @Override
  public CompletableFuture<Boolean> setTtl(K key, Duration ttl) {
    return operations.setTtl(caller, key, ttl).begin();
  }

  @Override
  public CompletableFuture<Boolean> touch(K key) {
    return operations.touch(caller, key).begin();
  }

  @Override
  public CompletableFuture<CacheHealth> health() {
    return operations.health(caller).begin();
  }

  @Override
  public CacheAside<K, V> sync() {
    return sync;
  }

  /** Begins an invalidation; returns what its caller may cancel without ending it. */
  private static CompletableFuture<@Nullable Void> confirmed(Operation<Long> invalidation) {
    return Stages.relay(invalidation.begin(), count -> null);
  }

  private final class Fence implements AsyncWriteFence {
    private final Fences<K>.Fence fence;

    Fence(Fences<K>.Fence fence) {
      this.fence = fence;
    }

    @Override
    public CompletableFuture<@Nullable Void> invalidate() {
      return fence.endsNow()
          ? confirmed(fence.invalidating(caller))
          : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<@Nullable Void> lift() {
      return fence.endsNow()
          ? fence.lifting(caller).begin()
          : CompletableFuture.completedFuture(null);
    }
  }
}
