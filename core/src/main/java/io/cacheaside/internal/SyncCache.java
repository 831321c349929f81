package io.cacheaside.internal;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.BulkLoader;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheStats;
import io.cacheaside.ContextLoader;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.Loader;
import io.cacheaside.Lookup;
import io.cacheaside.OptionalLoader;
import io.cacheaside.ReadOptions;
import io.cacheaside.SourceWrite;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.WriteFence;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.CallerThread;
import io.cacheaside.internal.flow.Operation;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The synchronous face: lets each operation run on the calling thread until it has its result. */
public class SyncCache<K, V> implements CacheAside<K, V> {
  private final Engine<K, V> engine;
  final Operations<K, V> operations;
  private final AsyncCache<K, V> async;

  public SyncCache(Engine<K, V> engine) {
    this.engine = engine;
    this.operations = engine.operations();
    this.async = new AsyncCache<>(operations, engine.executor(), this);
  }

  /** Refuses keys as the cache would, if it is one of ours. */
  public static <K> void check(CacheAside<K, ?> cache, Collection<? extends K> keys) {
    Objects.requireNonNull(cache, "cache");
    if (cache instanceof SyncCache<K, ?> own) {
      keys.forEach(own.operations::entryKey);
    }
  }

  /** Refuses a tag as the cache would, if it is one of ours. */
  public static void checkTag(CacheAside<?, ?> cache, String tag) {
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(tag, "tag");
    if (cache instanceof SyncCache<?, ?> own) {
      own.operations.checkTag(tag);
    }
  }

  final CallerThread caller() {
    return new CallerThread(engine.executor(), name());
  }

  static <R extends @Nullable Object> R await(Operation<R> operation) {
    ((CallerThread) operation.caller).await(operation);
    return operation.outcome();
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public @Nullable V get(K key, Loader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public @Nullable V get(K key, ReadOptions options, Loader<? super K, ? extends V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    NearEntry<V> near = operations.near(key, options);
    return near != null
        ? operations.handOut(key, near)
        : load(key, options, (k, context) -> CompletableFuture.completedFuture(loader.load(k)));
  }

  @Override
  public @Nullable V get(K key, Duration ttl, Loader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults().ttl(ttl), loader);
  }

  @Override
  public Optional<V> find(K key, OptionalLoader<? super K, ? extends V> loader) {
    return find(key, ReadOptions.defaults(), loader);
  }

  @Override
  public Optional<V> find(
      K key, ReadOptions options, OptionalLoader<? super K, ? extends V> loader) {
    return Optional.ofNullable(get(key, options, Loader.<K, V>ofOptional(loader)));
  }

  @Override
  public @Nullable V getIfPresent(K key) {
    NearEntry<V> near = operations.near(key, ReadOptions.defaults());
    return near != null
        ? operations.handOut(key, near)
        : await(operations.getIfPresent(caller(), key));
  }

  @Override
  public Map<K, V> getAllPresent(Collection<? extends K> keys) {
    return await(operations.getAllPresent(caller(), keys));
  }

  @Override
  public @Nullable V getWithContext(K key, ContextLoader<? super K, V> loader) {
    return getWithContext(key, ReadOptions.defaults(), loader);
  }

  @Override
  public @Nullable V getWithContext(
      K key, ReadOptions options, ContextLoader<? super K, V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    NearEntry<V> near = operations.near(key, options);
    return near != null
        ? operations.handOut(key, near)
        : load(
            key,
            options,
            (k, context) -> CompletableFuture.completedFuture(loader.load(k, context)));
  }

  /** Reads a key that is not near; asked before, because a near hit allocates no source. */
  final @Nullable V load(K key, ReadOptions options, Source<K, V> source) {
    return await(operations.get(caller(), key, options, source));
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys, BulkLoader<K, V> loader) {
    return getAll(keys, ReadOptions.defaults(), loader);
  }

  @Override
  public Map<K, V> getAll(
      Collection<? extends K> keys, ReadOptions options, BulkLoader<K, V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    Sources<K, V> sources =
        Sources.of(missing -> CompletableFuture.completedFuture(loader.loadAll(missing)));
    return await(operations.getAll(caller(), keys, options, sources));
  }

  @Override
  public Lookup<V> lookup(K key) {
    return await(operations.lookup(caller(), key));
  }

  @Override
  public String explain(K key) {
    return await(operations.explain(caller(), key));
  }

  @Override
  public void put(K key, V value) {
    await(operations.put(caller(), key, value));
  }

  @Override
  public void put(K key, V value, Duration ttl) {
    await(operations.put(caller(), key, value, ttl));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> values) {
    await(operations.putAll(caller(), values));
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    return await(operations.putIfAbsent(caller(), key, value));
  }

  @Override
  public void putAbsence(K key) {
    await(operations.putAbsence(caller(), key));
  }

  @Override
  public boolean update(K key, UnaryOperator<V> change) {
    return await(operations.update(caller(), key, change));
  }

  @Override
  public <R extends @Nullable Object, X extends Exception> R writeThenInvalidate(
      K key, SourceWrite<R, X> write) throws X {
    Objects.requireNonNull(write, "write");
    EntryKey<K> entryKey = operations.entryKey(key);
    Runnable invalidation = invalidationAfterWrite(key);
    R written = writeOrInvalidate(invalidation, write);
    try {
      invalidation.run();
    } catch (InvalidationFailedException | WaitInterruptedException e) {
      throw operations.afterWrite(entryKey, written, e);
    }
    return written;
  }

  /** Puts up a fence, if there are fences, and returns what ends it, too, after the write. */
  private Runnable invalidationAfterWrite(K key) {
    if (operations.hasFences()) {
      return fence(key)::invalidate;
    }
    Operation<Long> invalidation = operations.invalidate(caller(), key);
    return () -> await(invalidation);
  }

  private static <R extends @Nullable Object, X extends Exception> R writeOrInvalidate(
      Runnable invalidation, SourceWrite<R, X> write) throws X {
    try {
      return write.write();
    } catch (Throwable failure) {
      try {
        invalidation.run();
      } catch (Throwable e) {
        Stages.suppress(e, failure);
      }
      throw failure;
    }
  }

  @Override
  public boolean isFenced() {
    return operations.hasFences();
  }

  @Override
  public WriteFence fence(K key) {
    Fences<K>.Fence fence = await(operations.fence(caller(), key));
    return new WriteFence() {
      @Override
      public void invalidate() {
        if (fence.endsNow()) {
          await(fence.invalidating(caller()));
        }
      }

      @Override
      public void lift() {
        if (fence.endsNow()) {
          await(fence.lifting(caller()));
        }
      }

      @Override
      public void close() {
        invalidate();
      }
    };
  }

  @Override
  public void invalidate(K key) {
    await(operations.invalidate(caller(), key));
  }

  @Override
  public void invalidate(K key, long minVersion) {
    await(operations.invalidate(caller(), key, minVersion));
  }

  @Override
  public void invalidateAll(Collection<? extends K> keys) {
    await(operations.invalidateAll(caller(), keys));
  }

  @Override
  public long invalidateMatching(String glob) {
    return await(operations.invalidateMatching(caller(), glob));
  }

  @Override
  public void invalidateTag(String tag) {
    await(operations.invalidateTag(caller(), tag));
  }

  @Override
  public void clear() {
    await(operations.clear(caller()));
  }

  @Override
  public boolean markStale(K key) {
    return await(operations.markStale(caller(), key));
  }

  @Override
  public Optional<Duration> remainingTtl(K key) {
    return await(operations.remainingTtl(caller(), key));
  }

  @Override
  public boolean setTtl(K key, Duration ttl) {
    return await(operations.setTtl(caller(), key, ttl));
  }

  @Override
  public boolean touch(K key) {
    return await(operations.touch(caller(), key));
  }

  @Override
  public CacheStats stats() {
    return engine.stats();
  }

  @Override
  public CacheHealth health() {
    return await(operations.health(caller()));
  }

  @Override
  public AsyncCacheAside<K, V> async() {
    return async;
  }

  @Override
  public void close() {
    if (engine.beginClose()) {
      try {
        CompletableFuture<?> drained = engine.drained();
        CallerThread caller = caller();
        Stages.whenDone(drained, (done, failure) -> caller.ended());
        caller.await(drained);
        drained.join();
      } finally {
        engine.endClose();
      }
    }
  }

  @Override
  public String toString() {
    return "CacheAside[" + name() + "]";
  }
}
