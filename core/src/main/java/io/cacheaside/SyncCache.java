package io.cacheaside;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The synchronous face: lets each operation run on the calling thread until it has its result. */
final class SyncCache<K, V> implements CacheAside<K, V> {
  private final Engine<K, V> engine;
  private final AsyncCache<K, V> async;

  SyncCache(Engine<K, V> engine) {
    this.engine = engine;
    this.async = new AsyncCache<>(engine, this);
  }

  private CallerThread caller() {
    return new CallerThread(engine.executor, engine.settings.name());
  }

  private static <R extends @Nullable Object> R await(Operation<R> operation) {
    ((CallerThread) operation.caller).await(operation);
    return operation.outcome();
  }

  @Override
  public String name() {
    return engine.settings.name();
  }

  @Override
  public @Nullable V get(K key, Loader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public @Nullable V get(K key, ReadOptions options, Loader<? super K, ? extends V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    NearEntry<V> near = engine.near(key, options);
    if (near != null) {
      return engine.handOut(key, near);
    }
    return load(key, options, (k, context) -> CompletableFuture.completedFuture(loader.load(k)));
  }

  @Override
  public @Nullable V get(K key, ContextLoader<? super K, V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public @Nullable V get(K key, ReadOptions options, ContextLoader<? super K, V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    NearEntry<V> near = engine.near(key, options);
    if (near != null) {
      return engine.handOut(key, near);
    }
    return load(
        key, options, (k, context) -> CompletableFuture.completedFuture(loader.load(k, context)));
  }

  private @Nullable V load(K key, ReadOptions options, Source<K, V> source) {
    return await(new GetOperation<>(engine, caller(), engine.entryKey(key), source, options));
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
    BulkSource<K, V> source = missing -> CompletableFuture.completedFuture(loader.loadAll(missing));
    return await(BulkGet.of(engine, caller(), engine.entryKeys(keys), source, options));
  }

  @Override
  public Lookup<V> lookup(K key) {
    return await(new PeekOperation.OfEntry<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public String explain(K key) {
    return await(new Explanation<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public void put(K key, V value) {
    Objects.requireNonNull(value, "value");
    await(new PutOperation<>(engine, caller(), engine.entryKey(key), value, null));
  }

  @Override
  public void put(K key, V value, Duration ttl) {
    Objects.requireNonNull(value, "value");
    Lifetimes.checked("ttl", ttl);
    await(new PutOperation<>(engine, caller(), engine.entryKey(key), value, ttl));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> values) {
    await(new PutAll<>(engine, caller(), engine.entries(values)));
  }

  @Override
  public boolean update(K key, UnaryOperator<V> change) {
    Objects.requireNonNull(change, "change");
    return await(new UpdateOperation<>(engine, caller(), engine.entryKey(key), change));
  }

  @Override
  public <R, X extends Exception> R writeThenInvalidate(K key, SourceWrite<R, X> write) throws X {
    Objects.requireNonNull(write, "write");
    EntryKey<K> entryKey = engine.entryKey(key);
    Runnable invalidation =
        engine.barriers.hasFences() ? raise(entryKey)::invalidate : () -> invalidate(entryKey);
    R written = writeOrInvalidate(invalidation, write);
    try {
      invalidation.run();
    } catch (InvalidationFailedException | WaitInterruptedException e) {
      throw InvalidationFailedException.afterWrite(
          name(), engine.events.describe(entryKey), written, e);
    }
    return written;
  }

  private static <R, X extends Exception> R writeOrInvalidate(
      Runnable invalidation, SourceWrite<R, X> write) throws X {
    try {
      return write.write();
    } catch (Throwable failure) {
      try {
        invalidation.run();
      } catch (Throwable e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
  }

  @Override
  public WriteFence fence(K key) {
    engine.barriers.checkFenced();
    return raise(engine.entryKey(key));
  }

  private WriteFence raise(EntryKey<K> key) {
    return await(new Fence.Raising<>(engine, caller(), key)).sync(SyncCache::await);
  }

  private void invalidate(EntryKey<K> key) {
    await(Invalidation.of(engine, caller(), List.of(key)));
  }

  @Override
  public void invalidate(K key) {
    invalidate(engine.entryKey(key));
  }

  @Override
  public void invalidate(K key, long minVersion) {
    engine.barriers.checkVersioned();
    await(
        new Invalidation<>(
            engine,
            caller(),
            engine.removals.ofKey(engine.entryKey(key), OptionalLong.of(minVersion), null)));
  }

  @Override
  public void invalidateAll(Collection<? extends K> keys) {
    await(Invalidation.of(engine, caller(), engine.entryKeys(keys)));
  }

  @Override
  public long invalidateMatching(String glob) {
    Objects.requireNonNull(glob, "glob");
    engine.checkOpen();
    return await(new Invalidation<>(engine, caller(), engine.removals.ofMatching(glob)));
  }

  @Override
  public void invalidateTag(String tag) {
    engine.checkOpen();
    engine.tags.checkTag(tag);
    await(new Invalidation<>(engine, caller(), engine.removals.ofTag(tag)));
  }

  @Override
  public void clear() {
    engine.checkOpen();
    await(new Invalidation<>(engine, caller(), engine.removals.ofEverything()));
  }

  @Override
  public boolean markStale(K key) {
    return await(new TtlOperation.MarkStale<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public Optional<Duration> remainingTtl(K key) {
    return await(new PeekOperation.OfTtl<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public boolean setTtl(K key, Duration ttl) {
    Lifetimes.checked("ttl", ttl);
    return await(new TtlOperation.Set<>(engine, caller(), engine.entryKey(key), ttl));
  }

  @Override
  public boolean touch(K key) {
    return await(new TtlOperation.Touch<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public CacheStats stats() {
    return engine.stats();
  }

  @Override
  public CacheHealth health() {
    return await(new HealthCheck<>(engine, caller()));
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
