package io.cacheaside.internal;

import io.cacheaside.AsyncLoadingCacheAside;
import io.cacheaside.LoadingCacheAside;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.internal.near.NearEntry;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The synchronous face of a cache with a loader of its own. */
public final class LoadingSyncCache<K, V> extends SyncCache<K, V>
    implements LoadingCacheAside<K, V> {
  private final Sources<K, V> sources;
  private final LoadingAsyncCache<K, V> async;

  /**
   * Creates the face of an open cache.
   *
   * @param block whether the sources block their thread
   */
  public LoadingSyncCache(Engine<K, V> engine, Sources<K, V> sources, boolean block) {
    super(engine);
    this.sources = sources;
    this.async = new LoadingAsyncCache<>(operations, engine.executor(), this, sources, block);
  }

  @Override
  public @Nullable V get(K key) {
    return get(key, ReadOptions.defaults());
  }

  @Override
  public @Nullable V get(K key, Duration ttl) {
    return get(key, ReadOptions.defaults().ttl(ttl));
  }

  @Override
  public @Nullable V get(K key, ReadOptions options) {
    NearEntry<V> near = operations.near(key, options);
    return near != null ? operations.handOut(key, near) : load(key, options, sources.one());
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys) {
    return getAll(keys, ReadOptions.defaults());
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys, ReadOptions options) {
    Objects.requireNonNull(options, "options");
    return await(operations.getAll(caller(), keys, options, sources));
  }

  @Override
  public @Nullable V refresh(K key) {
    return get(key, ReadOptions.defaults().forceRefresh());
  }

  @Override
  public Map<K, V> refreshAll(Collection<? extends K> keys) {
    return getAll(keys, ReadOptions.defaults().forceRefresh());
  }

  @Override
  public AsyncLoadingCacheAside<K, V> async() {
    return async;
  }
}
