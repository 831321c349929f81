package io.cacheaside;

import io.cacheaside.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@code invalidate} of a key, of several, or of a pattern: a removal that is repeated under
 * the retry policy until the store confirms it, or fails visibly. Repeating a removal is always
 * safe.
 */
final class Invalidation<K, V> extends Operation<K, V, Long> {
  private final String what;
  private final int count;
  private final Function<Store, CompletionStage<Long>> removal;

  private Invalidation(
      Engine<K, V> engine,
      Caller caller,
      String what,
      int count,
      Function<Store, CompletionStage<Long>> removal) {
    super(engine, caller);
    this.what = what;
    this.count = count;
    this.removal = removal;
  }

  static <K, V> Invalidation<K, V> of(Engine<K, V> engine, Caller caller, List<EntryKey<K>> keys) {
    String what =
        keys.size() == 1
            ? "key '" + engine.events.describe(keys.get(0)) + "'"
            : keys.size() + " keys";
    return new Invalidation<>(engine, caller, what, keys.size(), store -> removeAll(store, keys));
  }

  static <K, V> Invalidation<K, V> ofMatching(Engine<K, V> engine, Caller caller, String glob) {
    String prefix = engine.keyspace.prefix();
    return new Invalidation<>(
        engine,
        caller,
        "pattern '" + engine.events.describe(glob) + "'",
        1,
        store -> store.removeMatching(prefix, glob));
  }

  /** Removes keys chunk by chunk; goes on after a failure, so that as many as possible are gone. */
  private static <K> CompletableFuture<Long> removeAll(Store store, List<EntryKey<K>> keys) {
    List<EntryKey<K>> chunk = keys.subList(0, Math.min(BulkGet.CHUNK, keys.size()));
    CompletableFuture<Long> removed = removeTogether(store, chunk);
    if (chunk.size() == keys.size()) {
      return removed;
    }
    List<EntryKey<K>> rest = keys.subList(chunk.size(), keys.size());
    return removed
        .handle((count, failure) -> rest)
        .thenCompose(next -> removeAll(store, next))
        .thenCombine(removed, Long::sum);
  }

  private static <K> CompletableFuture<Long> removeTogether(Store store, List<EntryKey<K>> keys) {
    List<CompletableFuture<Boolean>> removals = new ArrayList<>(keys.size());
    store.batch(
        () -> keys.forEach(key -> removals.add(store.remove(key.text()).toCompletableFuture())));
    return CompletableFuture.allOf(removals.toArray(CompletableFuture[]::new))
        .thenApply(all -> removals.stream().filter(CompletableFuture::join).count());
  }

  @Override
  void start() {
    Retry.<Long>run(
        engine.settings.invalidationRetry(),
        engine.environment,
        caller,
        caller,
        this::attempt,
        (removed, failure) -> guarded(() -> ended(removed, failure)));
  }

  private CompletionStage<Long> attempt() {
    return engine
        .guard
        .issue(removal)
        .whenComplete(
            (removed, failure) -> {
              if (failure != null) {
                caller.execute(() -> engine.guard.report("invalidate", failure));
              }
            });
  }

  private void ended(@Nullable Long removed, @Nullable Throwable failure) {
    if (removed != null) {
      engine.events.invalidated(what, count);
      succeed(removed);
    } else {
      InvalidationFailedException failed =
          new InvalidationFailedException(
              engine.settings.name(),
              what,
              failure == null ? new NullPointerException("the store returned null") : failure);
      engine.events.invalidationFailed(what, failed);
      fail(failed);
    }
  }
}
