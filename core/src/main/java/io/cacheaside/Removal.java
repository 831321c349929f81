package io.cacheaside;

import io.cacheaside.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an invalidation takes away: some keys, or everything with a tag or that matches a pattern.
 * Repeating it is always safe.
 *
 * @param what in words, for messages
 * @param scope what it is about, if that is more than keys that are known one by one
 * @param keys the keys, if they are
 * @param command takes them away and tells how many there were
 */
record Removal<K>(
    String what,
    @Nullable Scope scope,
    List<EntryKey<K>> keys,
    Function<Store, CompletionStage<Long>> command) {

  /** All that have a tag or match a pattern, or all there is: equal if one replaces the other. */
  record Scope(Kind kind, String name) {
    enum Kind {
      TAG,
      PATTERN,
      EVERYTHING
    }
  }

  static <K, V> Removal<K> of(Engine<K, V> engine, List<EntryKey<K>> keys) {
    return new Removal<>(
        described(engine, keys), null, keys, store -> removeAll(engine, store, keys));
  }

  /** Returns the removal of one key by a version, by the end of a fence, or both. */
  static <K, V> Removal<K> of(
      Engine<K, V> engine, EntryKey<K> key, OptionalLong minVersion, Barriers.@Nullable Up fence) {
    List<EntryKey<K>> keys = List.of(key);
    return new Removal<>(
        described(engine, keys),
        null,
        keys,
        store ->
            engine
                .barriers
                .remove(store, key, minVersion, fence)
                .thenCompose(removed -> store.awaitCopies(List.of(key.text())))
                .thenApply(done -> 1L));
  }

  private static <K, V> String described(Engine<K, V> engine, List<EntryKey<K>> keys) {
    return keys.size() == 1
        ? "key '" + engine.events.describe(keys.get(0)) + "'"
        : keys.size() + " keys";
  }

  static <K, V> Removal<K> ofMatching(Engine<K, V> engine, String glob) {
    String prefix = engine.keyspace.prefix();
    return new Removal<>(
        "pattern '" + engine.events.describe(glob) + "'",
        new Scope(Scope.Kind.PATTERN, glob),
        List.of(),
        store -> withCopies(store, store.removeMatching(prefix, glob)));
  }

  static <K, V> Removal<K> ofTag(Engine<K, V> engine, String tag) {
    return new Removal<>(
        "tag '" + engine.events.describe(tag) + "'",
        new Scope(Scope.Kind.TAG, tag),
        List.of(),
        store -> withCopies(store, engine.tags.invalidate(store, tag)));
  }

  /** Returns the removal of all there is: at once if the cache has generations. */
  static <K, V> Removal<K> ofEverything(Engine<K, V> engine) {
    return engine.tags.haveGenerations()
        ? new Removal<>(
            "everything",
            new Scope(Scope.Kind.EVERYTHING, ""),
            List.of(),
            store -> withCopies(store, engine.tags.invalidateAll(store)))
        : ofMatching(engine, "*");
  }

  private static CompletionStage<Long> withCopies(Store store, CompletionStage<Long> removal) {
    return removal.thenCompose(count -> store.awaitCopies(List.of()).thenApply(done -> count));
  }

  int count() {
    return scope == null ? keys.size() : 1;
  }

  /** Removes keys chunk by chunk; goes on after a failure, so that as many as possible are gone. */
  private static <K, V> CompletableFuture<Long> removeAll(
      Engine<K, V> engine, Store store, List<EntryKey<K>> keys) {
    if (keys.size() <= Chunks.SIZE) {
      return removeTogether(engine, store, keys);
    }
    CompletableFuture<Long> removed = new CompletableFuture<>();
    LongAdder count = new LongAdder();
    Chunks.each(
        keys,
        Chunks.SIZE,
        new SerialCaller(Runnable::run),
        () -> true,
        chunk -> removeTogether(engine, store, chunk).thenAccept(count::add),
        failure -> {
          if (failure == null) {
            removed.complete(count.sum());
          } else {
            removed.completeExceptionally(failure);
          }
        });
    return removed;
  }

  private static <K, V> CompletableFuture<Long> removeTogether(
      Engine<K, V> engine, Store store, List<EntryKey<K>> keys) {
    List<CompletableFuture<Boolean>> removals = new ArrayList<>(keys.size());
    Batch.together(
        store,
        () ->
            keys.forEach(
                key -> removals.add(engine.barriers.remove(store, key).toCompletableFuture())));
    return Stages.allOf(removals)
        .thenCompose(all -> store.awaitCopies(keys.stream().map(EntryKey::text).toList()))
        .thenApply(all -> removals.stream().filter(CompletableFuture::join).count());
  }
}
