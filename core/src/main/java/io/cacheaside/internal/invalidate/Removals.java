package io.cacheaside.internal.invalidate;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Keyspace;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.SerialCaller;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.flow.StoreBatch;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Says how each kind of invalidation takes away what it is about. */
public final class Removals<K> {
  private final Keyspace<K> keyspace;
  private final Tags<K> tags;
  private final Barriers<K, ?> barriers;
  private final Events<K> events;

  public Removals(Keyspace<K> keyspace, Tags<K> tags, Barriers<K, ?> barriers, Events<K> events) {
    this.keyspace = keyspace;
    this.tags = tags;
    this.barriers = barriers;
    this.events = events;
  }

  public Removal<K> ofKey(EntryKey<K> key) {
    return ofKeys(List.of(key));
  }

  Removal<K> ofKeys(List<EntryKey<K>> keys) {
    return new Removal<>(described(keys), null, keys, store -> removeAll(store, keys));
  }

  /** Returns the removal of one key by a version, by the end of a fence, or both. */
  public Removal<K> ofKey(EntryKey<K> key, OptionalLong minVersion, Barriers.@Nullable Up fence) {
    List<EntryKey<K>> keys = List.of(key);
    return new Removal<>(
        described(keys),
        null,
        keys,
        store ->
            barriers
                .remove(store, key, minVersion, fence)
                .thenCompose(removed -> store.awaitCopies(List.of(key.text())))
                .thenApply(done -> 1L));
  }

  private String described(List<EntryKey<K>> keys) {
    return keys.size() == 1 ? "key '" + events.describe(keys.get(0)) + "'" : keys.size() + " keys";
  }

  public Removal<K> ofMatching(String glob) {
    String prefix = keyspace.prefix();
    return new Removal<>(
        "pattern '" + events.describe(glob) + "'",
        new Removal.Scope(Removal.Scope.Kind.PATTERN, glob),
        List.of(),
        store -> withCopies(store, store.removeMatching(prefix, glob)));
  }

  public Removal<K> ofTag(String tag) {
    return new Removal<>(
        "tag '" + events.describe(tag) + "'",
        new Removal.Scope(Removal.Scope.Kind.TAG, tag),
        List.of(),
        store -> withCopies(store, tags.invalidate(store, tag)));
  }

  /** Returns the removal of all there is: at once if the cache has generations. */
  public Removal<K> ofEverything() {
    return tags.haveGenerations()
        ? new Removal<>(
            "everything",
            new Removal.Scope(Removal.Scope.Kind.EVERYTHING, ""),
            List.of(),
            store -> withCopies(store, tags.invalidateAll(store)))
        : ofMatching("*");
  }

  private static CompletionStage<Long> withCopies(Store store, CompletionStage<Long> removal) {
    return removal.thenCompose(count -> store.awaitCopies(List.of()).thenApply(done -> count));
  }

  /** Removes keys chunk by chunk; goes on after a failure, so that as many as possible are gone. */
  private CompletableFuture<Long> removeAll(Store store, List<EntryKey<K>> keys) {
    if (keys.size() <= Chunks.SIZE) {
      return removeTogether(store, keys);
    }
    CompletableFuture<Long> removed = new CompletableFuture<>();
    Chunks.each(
        keys,
        Chunks.SIZE,
        new SerialCaller(Runnable::run),
        () -> true,
        chunk -> removeTogether(store, chunk),
        failure -> {
          if (failure == null) {
            removed.complete((long) keys.size());
          } else {
            removed.completeExceptionally(failure);
          }
        });
    return removed;
  }

  private CompletableFuture<Long> removeTogether(Store store, List<EntryKey<K>> keys) {
    List<CompletableFuture<Boolean>> removals = new ArrayList<>(keys.size());
    StoreBatch.together(
        store,
        () -> keys.forEach(key -> removals.add(barriers.remove(store, key).toCompletableFuture())));
    return Stages.allOf(removals)
        .thenCompose(all -> store.awaitCopies(keys.stream().map(EntryKey::text).toList()))
        .thenApply(
            all -> {
              removals.forEach(removed -> Objects.requireNonNull(removed.join(), "removed"));
              return (long) keys.size();
            });
  }
}
