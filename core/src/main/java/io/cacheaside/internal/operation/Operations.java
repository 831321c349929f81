package io.cacheaside.internal.operation;

import io.cacheaside.AsyncSourceWrite;
import io.cacheaside.CacheAsideException;
import io.cacheaside.CacheHealth;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Lifecycle;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.invalidate.Fences;
import io.cacheaside.internal.invalidate.Invalidations;
import io.cacheaside.internal.invalidate.Removals;
import io.cacheaside.internal.load.RecursionGuard;
import io.cacheaside.internal.load.Source;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.internal.near.NearEntry;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.read.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a caller can ask of a cache, a method each: checks what was asked, and returns the operation
 * that does it. Both faces go through here.
 */
public final class Operations<K, V> {
  private final Lifecycle lifecycle;
  private final Keyspace<K> keyspace;
  private final Tags<K> tags;
  private final Barriers<K, V> barriers;
  private final Removals<K> removals;
  private final Failures<K> failures;
  private final NearValues<K, V> nearValues;
  private final Gets<K, V> gets;
  private final BulkGets<K, V> bulkGets;
  private final PresentReads<K, V> presentReads;
  private final Lookups<K, V> lookups;
  private final Explanations<K, V> explanations;
  private final Puts<K, V> puts;
  private final Updates<K, V> updates;
  private final TtlChanges<K, V> ttlChanges;
  private final Invalidations<K> invalidations;
  private final Fences<K> fences;
  private final Writes<K> writes;
  private final HealthChecks healthChecks;

  public Operations(
      Lifecycle lifecycle,
      Keyspace<K> keyspace,
      Tags<K> tags,
      Barriers<K, V> barriers,
      Removals<K> removals,
      Failures<K> failures,
      NearValues<K, V> nearValues,
      Gets<K, V> gets,
      BulkGets<K, V> bulkGets,
      PresentReads<K, V> presentReads,
      Lookups<K, V> lookups,
      Explanations<K, V> explanations,
      Puts<K, V> puts,
      Updates<K, V> updates,
      TtlChanges<K, V> ttlChanges,
      Invalidations<K> invalidations,
      Fences<K> fences,
      Writes<K> writes,
      HealthChecks healthChecks) {
    this.lifecycle = lifecycle;
    this.keyspace = keyspace;
    this.tags = tags;
    this.barriers = barriers;
    this.removals = removals;
    this.failures = failures;
    this.nearValues = nearValues;
    this.gets = gets;
    this.bulkGets = bulkGets;
    this.presentReads = presentReads;
    this.lookups = lookups;
    this.explanations = explanations;
    this.puts = puts;
    this.updates = updates;
    this.ttlChanges = ttlChanges;
    this.invalidations = invalidations;
    this.fences = fences;
    this.writes = writes;
    this.healthChecks = healthChecks;
  }

  // ---- What was asked -------------------------------------------------------------------------

  private void checkOpen() {
    RecursionGuard.checkStack();
    lifecycle.checkOpen();
  }

  /** Returns the forms of a key; throws if the cache is closed or the key cannot be used. */
  public EntryKey<K> entryKey(K key) {
    checkOpen();
    return tags.tagged(keyspace.of(key));
  }

  /** Returns the keys without repetition, in their order. */
  private List<EntryKey<K>> entryKeys(Collection<? extends K> keys) {
    Objects.requireNonNull(keys, "keys");
    checkOpen();
    List<EntryKey<K>> distinct = new ArrayList<>(keys.size());
    for (K key : new LinkedHashSet<>(keys)) {
      distinct.add(tags.tagged(keyspace.of(key)));
    }
    return distinct;
  }

  /** Returns values by the forms of their keys, in their order. */
  private Map<EntryKey<K>, V> entries(Map<? extends K, ? extends V> values) {
    Objects.requireNonNull(values, "values");
    checkOpen();
    Map<EntryKey<K>, V> byKey = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> byKey.put(entryKey(key), Objects.requireNonNull(value, "value")));
    return byKey;
  }

  // ---- Reading --------------------------------------------------------------------------------

  /** Returns a near entry that answers a read; null if the store is to be asked. */
  public @Nullable NearEntry<V> near(K key, ReadOptions options) {
    RecursionGuard.checkStack();
    return nearValues.find(key, Objects.requireNonNull(options, "options"));
  }

  /** Counts a near hit, and returns its value for the caller. */
  public @Nullable V handOut(K key, NearEntry<V> entry) {
    return nearValues.handOut(key, entry);
  }

  public Operation<@Nullable V> get(
      Caller caller, K key, ReadOptions options, Source<K, V> source) {
    return gets.of(caller, entryKey(key), source, options);
  }

  public Operation<Map<K, V>> getAll(
      Caller caller, Collection<? extends K> keys, ReadOptions options, Sources<K, V> sources) {
    return bulkGets.of(caller, entryKeys(keys), sources, options);
  }

  public Operation<@Nullable V> getIfPresent(Caller caller, K key) {
    return presentReads.of(caller, entryKey(key));
  }

  public Operation<Map<K, V>> getAllPresent(Caller caller, Collection<? extends K> keys) {
    return presentReads.ofAll(caller, entryKeys(keys));
  }

  public Operation<Lookup<V>> lookup(Caller caller, K key) {
    return lookups.of(caller, entryKey(key));
  }

  public Operation<Optional<Duration>> remainingTtl(Caller caller, K key) {
    return lookups.ofTtl(caller, entryKey(key));
  }

  public Operation<String> explain(Caller caller, K key) {
    return explanations.of(caller, entryKey(key));
  }

  // ---- Storing --------------------------------------------------------------------------------

  public Operation<Boolean> put(Caller caller, K key, V value) {
    Objects.requireNonNull(value, "value");
    return puts.of(caller, entryKey(key), value, null);
  }

  public Operation<Boolean> putIfAbsent(Caller caller, K key, V value) {
    Objects.requireNonNull(value, "value");
    return puts.ofAbsent(caller, entryKey(key), value);
  }

  public Operation<Boolean> putAbsence(Caller caller, K key) {
    return puts.ofAbsence(caller, entryKey(key));
  }

  public Operation<Boolean> put(Caller caller, K key, V value, Duration ttl) {
    Objects.requireNonNull(value, "value");
    Lifetimes.checked("ttl", ttl);
    return puts.of(caller, entryKey(key), value, ttl);
  }

  public Operation<@Nullable Void> putAll(Caller caller, Map<? extends K, ? extends V> values) {
    return puts.ofAll(caller, entries(values));
  }

  public Operation<Boolean> update(Caller caller, K key, UnaryOperator<V> change) {
    Objects.requireNonNull(change, "change");
    return updates.of(caller, entryKey(key), change);
  }

  public Operation<Boolean> setTtl(Caller caller, K key, Duration ttl) {
    Lifetimes.checked("ttl", ttl);
    return ttlChanges.set(caller, entryKey(key), ttl);
  }

  public Operation<Boolean> touch(Caller caller, K key) {
    return ttlChanges.touch(caller, entryKey(key));
  }

  public Operation<Boolean> markStale(Caller caller, K key) {
    return ttlChanges.markStale(caller, entryKey(key));
  }

  // ---- Invalidating ---------------------------------------------------------------------------

  public Operation<Long> invalidate(Caller caller, K key) {
    return invalidations.of(caller, List.of(entryKey(key)));
  }

  public Operation<Long> invalidate(Caller caller, K key, long minVersion) {
    barriers.checkVersioned();
    return invalidations.of(
        caller, removals.ofKey(entryKey(key), OptionalLong.of(minVersion), null));
  }

  public Operation<Long> invalidateAll(Caller caller, Collection<? extends K> keys) {
    return invalidations.of(caller, entryKeys(keys));
  }

  public Operation<Long> invalidateMatching(Caller caller, String glob) {
    Objects.requireNonNull(glob, "glob");
    checkOpen();
    return invalidations.of(caller, removals.ofMatching(glob));
  }

  public Operation<Long> invalidateTag(Caller caller, String tag) {
    checkTag(tag);
    return invalidations.of(caller, removals.ofTag(tag));
  }

  /** Refuses a tag that no entry can have. */
  public void checkTag(String tag) {
    checkOpen();
    tags.checkTag(tag);
  }

  public Operation<Long> clear(Caller caller) {
    checkOpen();
    return invalidations.of(caller, removals.ofEverything());
  }

  public boolean hasFences() {
    return barriers.hasFences();
  }

  public Operation<Fences<K>.Fence> fence(Caller caller, K key) {
    barriers.checkFenced();
    return fences.raising(caller, entryKey(key));
  }

  public <R extends @Nullable Object> Operation<R> writeThenInvalidate(
      Caller caller, K key, AsyncSourceWrite<R> write) {
    Objects.requireNonNull(write, "write");
    return writes.of(caller, entryKey(key), write);
  }

  /**
   * Returns what the caller gets of a write that succeeded when the invalidation after it failed.
   */
  public InvalidationFailedException afterWrite(
      EntryKey<K> key, @Nullable Object result, CacheAsideException failure) {
    return failures.afterWrite(key, result, failure);
  }

  // ---- Health ---------------------------------------------------------------------------------

  public Operation<CacheHealth> health(Caller caller) {
    return healthChecks.of(caller);
  }
}
