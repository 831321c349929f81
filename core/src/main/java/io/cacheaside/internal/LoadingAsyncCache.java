package io.cacheaside.internal;

import io.cacheaside.AsyncLoadingCacheAside;
import io.cacheaside.LoadingCacheAside;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.internal.operation.Operations;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The asynchronous face of a cache with a loader of its own. */
final class LoadingAsyncCache<K, V> extends AsyncCache<K, V>
    implements AsyncLoadingCacheAside<K, V> {
  private final LoadingCacheAside<K, V> sync;
  private final Sources<K, V> sources;
  private final boolean block;

  LoadingAsyncCache(
      Operations<K, V> operations,
      Executor executor,
      LoadingCacheAside<K, V> sync,
      Sources<K, V> sources,
      boolean block) {
    super(operations, executor, sync);
    this.sync = sync;
    this.sources = sources;
    this.block = block;
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key) {
    return get(key, ReadOptions.defaults());
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key, Duration ttl) {
    return get(key, ReadOptions.defaults().ttl(ttl));
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key, ReadOptions options) {
    return load(key, options, sources.one(), block);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys) {
    return getAll(keys, ReadOptions.defaults());
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys, ReadOptions options) {
    return loadAll(keys, options, sources, block);
  }

  @Override
  public CompletableFuture<@Nullable V> refresh(K key) {
    return get(key, ReadOptions.defaults().forceRefresh());
  }

  @Override
  public CompletableFuture<Map<K, V>> refreshAll(Collection<? extends K> keys) {
    return getAll(keys, ReadOptions.defaults().forceRefresh());
  }

  @Override
  public LoadingCacheAside<K, V> sync() {
    return sync;
  }
}
