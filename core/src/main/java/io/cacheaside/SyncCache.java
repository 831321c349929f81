package io.cacheaside;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  private static <R extends @Nullable Object> R await(Operation<?, ?, R> operation) {
    return ((CallerThread) operation.caller).await(operation.begin(), IllegalStateException::new);
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
    Source<K, V> source = k -> CompletableFuture.completedFuture(loader.load(k));
    EntryKey<K> entryKey = engine.entryKey(key);
    CallerThread caller = caller();
    return caller.await(
        new GetOperation<>(engine, caller, entryKey, source, engine.ttlOf(options)).begin(),
        checked -> engine.loadFailureOf(entryKey, checked));
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys, BulkLoader<K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    BulkSource<K, V> source = missing -> CompletableFuture.completedFuture(loader.loadAll(missing));
    return await(new BulkGet<>(engine, caller(), engine.entryKeys(keys), source));
  }

  @Override
  public Lookup<V> lookup(K key) {
    return await(new PeekOperation.OfEntry<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public void put(K key, V value) {
    put(key, value, engine.settings.ttl());
  }

  @Override
  public void put(K key, V value, Duration ttl) {
    Objects.requireNonNull(value, "value");
    Ttls.checked("ttl", ttl);
    await(new PutOperation<>(engine, caller(), engine.entryKey(key), value, ttl));
  }

  @Override
  public boolean update(K key, UnaryOperator<V> change) {
    Objects.requireNonNull(change, "change");
    return await(new UpdateOperation<>(engine, caller(), engine.entryKey(key), change));
  }

  @Override
  public <R, X extends Exception> R writeThenInvalidate(K key, SourceWrite<R, X> write) throws X {
    EntryKey<K> entryKey = engine.entryKey(key);
    R written = writeOrInvalidate(entryKey, write);
    try {
      invalidate(entryKey);
    } catch (InvalidationFailedException | WaitInterruptedException e) {
      throw InvalidationFailedException.afterWrite(
          name(), engine.events.describe(entryKey), written, e);
    }
    return written;
  }

  private <R, X extends Exception> R writeOrInvalidate(EntryKey<K> key, SourceWrite<R, X> write)
      throws X {
    try {
      return write.write();
    } catch (Throwable failure) {
      try {
        invalidate(key);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
  }

  private void invalidate(EntryKey<K> key) {
    await(Invalidation.of(engine, caller(), List.of(key)));
  }

  @Override
  public void invalidate(K key) {
    invalidate(engine.entryKey(key));
  }

  @Override
  public void invalidateAll(Collection<? extends K> keys) {
    await(Invalidation.of(engine, caller(), engine.entryKeys(keys)));
  }

  @Override
  public long invalidateMatching(String glob) {
    Objects.requireNonNull(glob, "glob");
    engine.checkOpen();
    return await(Invalidation.ofMatching(engine, caller(), glob));
  }

  @Override
  public void clear() {
    invalidateMatching("*");
  }

  @Override
  public Optional<Duration> remainingTtl(K key) {
    return await(new PeekOperation.OfTtl<>(engine, caller(), engine.entryKey(key)));
  }

  @Override
  public boolean setTtl(K key, Duration ttl) {
    Ttls.checked("ttl", ttl);
    return await(new TtlOperation<>(engine, caller(), engine.entryKey(key), ttl));
  }

  @Override
  public boolean touch(K key) {
    return await(new TtlOperation<>(engine, caller(), engine.entryKey(key), null));
  }

  @Override
  public CacheStats stats() {
    return engine.events.snapshot();
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
    CompletableFuture<?> drained = engine.beginClose();
    if (drained != null) {
      try {
        caller().await(drained, IllegalStateException::new);
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
