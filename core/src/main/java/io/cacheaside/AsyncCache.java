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

/** The asynchronous face: lets each operation run on the executor and hands out its result. */
final class AsyncCache<K, V> implements AsyncCacheAside<K, V> {
  private final Engine<K, V> engine;
  private final CacheAside<K, V> sync;
  private final Caller caller;

  AsyncCache(Engine<K, V> engine, CacheAside<K, V> sync) {
    this.engine = engine;
    this.sync = sync;
    this.caller = Caller.on(engine.executor);
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key, AsyncLoader<? super K, ? extends V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> get(
      K key, ReadOptions options, AsyncLoader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return load(key, options, (k, context) -> loader.load(k));
  }

  @Override
  public CompletableFuture<@Nullable V> get(K key, AsyncContextLoader<? super K, V> loader) {
    return get(key, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<@Nullable V> get(
      K key, ReadOptions options, AsyncContextLoader<? super K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    return load(key, options, loader::load);
  }

  private CompletableFuture<@Nullable V> load(K key, ReadOptions options, Source<K, V> source) {
    Objects.requireNonNull(options, "options");
    NearEntry<V> near = engine.near(key, options);
    if (near != null) {
      try {
        return CompletableFuture.completedFuture(engine.handOut(key, near));
      } catch (RuntimeException | Error failure) {
        return CompletableFuture.failedFuture(failure);
      }
    }
    return new GetOperation<>(engine, caller, engine.entryKey(key), source, options).begin();
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, AsyncBulkLoader<K, V> loader) {
    return getAll(keys, ReadOptions.defaults(), loader);
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, ReadOptions options, AsyncBulkLoader<K, V> loader) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(loader, "loader");
    Caller oneByOne = new SerialCaller(engine.executor);
    Operation<Map<K, V>> operation =
        BulkGet.of(engine, oneByOne, engine.entryKeys(keys), loader::loadAll, options);
    oneByOne.execute(operation::run);
    return operation.result;
  }

  @Override
  public CompletableFuture<Lookup<V>> lookup(K key) {
    return new PeekOperation.OfEntry<>(engine, caller, engine.entryKey(key)).begin();
  }

  @Override
  public CompletableFuture<String> explain(K key) {
    return new Explanation<>(engine, caller, engine.entryKey(key)).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> put(K key, V value) {
    Objects.requireNonNull(value, "value");
    return new PutOperation<>(engine, caller, engine.entryKey(key), value, null).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> put(K key, V value, Duration ttl) {
    Objects.requireNonNull(value, "value");
    Lifetimes.checked("ttl", ttl);
    return new PutOperation<>(engine, caller, engine.entryKey(key), value, ttl).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> values) {
    return new PutAll<>(engine, new SerialCaller(engine.executor), engine.entries(values)).begin();
  }

  @Override
  public CompletableFuture<Boolean> update(K key, UnaryOperator<V> change) {
    Objects.requireNonNull(change, "change");
    return new UpdateOperation<>(engine, caller, engine.entryKey(key), change).begin();
  }

  @Override
  public <R> CompletableFuture<R> writeThenInvalidate(K key, AsyncSourceWrite<R> write) {
    Objects.requireNonNull(write, "write");
    return new WriteThenInvalidate<>(engine, caller, engine.entryKey(key), write).begin();
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidate(K key) {
    return confirmed(Invalidation.of(engine, caller, List.of(engine.entryKey(key))).begin());
  }

  @Override
  public CompletableFuture<AsyncWriteFence> fence(K key) {
    engine.barriers.checkFenced();
    return Fence.async(new Fence.Raising<>(engine, caller, engine.entryKey(key)).begin());
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidate(K key, long minVersion) {
    engine.barriers.checkVersioned();
    return confirmed(
        new Invalidation<>(
                engine,
                caller,
                engine.removals.ofKey(engine.entryKey(key), OptionalLong.of(minVersion), null))
            .begin());
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidateAll(Collection<? extends K> keys) {
    return confirmed(Invalidation.of(engine, caller, engine.entryKeys(keys)).begin());
  }

  @Override
  public CompletableFuture<Long> invalidateMatching(String glob) {
    Objects.requireNonNull(glob, "glob");
    engine.checkOpen();
    return Stages.relay(
        new Invalidation<>(engine, caller, engine.removals.ofMatching(glob)).begin(),
        count -> count);
  }

  @Override
  public CompletableFuture<@Nullable Void> invalidateTag(String tag) {
    engine.checkOpen();
    engine.tags.checkTag(tag);
    return confirmed(new Invalidation<>(engine, caller, engine.removals.ofTag(tag)).begin());
  }

  @Override
  public CompletableFuture<@Nullable Void> clear() {
    engine.checkOpen();
    return confirmed(new Invalidation<>(engine, caller, engine.removals.ofEverything()).begin());
  }

  @Override
  public CompletableFuture<Boolean> markStale(K key) {
    return new TtlOperation.MarkStale<>(engine, caller, engine.entryKey(key)).begin();
  }

  @Override
  public CompletableFuture<Optional<Duration>> remainingTtl(K key) {
    return new PeekOperation.OfTtl<>(engine, caller, engine.entryKey(key)).begin();
  }

  @Override
  public CompletableFuture<Boolean> setTtl(K key, Duration ttl) {
    Lifetimes.checked("ttl", ttl);
    return new TtlOperation.Set<>(engine, caller, engine.entryKey(key), ttl).begin();
  }

  @Override
  public CompletableFuture<Boolean> touch(K key) {
    return new TtlOperation.Touch<>(engine, caller, engine.entryKey(key)).begin();
  }

  @Override
  public CompletableFuture<CacheHealth> health() {
    return new HealthCheck<>(engine, caller).begin();
  }

  @Override
  public CacheAside<K, V> sync() {
    return sync;
  }

  /** Returns what its caller may cancel without ending the removal. */
  static CompletableFuture<@Nullable Void> confirmed(CompletableFuture<Long> removed) {
    return Stages.relay(removed, count -> null);
  }
}
