package io.cacheaside;

import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * Reads in the near future that all who wait for one key share. Nobody gets the answer of a read
 * that was sent before they asked.
 */
final class SharedReads<K, T> {
  private final Guard guard;
  private final Environment environment;
  private final Executor executor;
  private final BiFunction<Store, EntryKey<K>, CompletionStage<T>> read;
  private final ConcurrentMap<String, CompletableFuture<T>> upcoming = new ConcurrentHashMap<>();

  SharedReads(
      Guard guard,
      Environment environment,
      Executor executor,
      BiFunction<Store, EntryKey<K>, CompletionStage<T>> read) {
    this.guard = guard;
    this.environment = environment;
    this.executor = executor;
    this.read = read;
  }

  /** Reads a key after a delay, or together with whoever is about to read it. */
  CompletableFuture<T> after(Duration delay, EntryKey<K> key) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    CompletableFuture<T> theirs = upcoming.putIfAbsent(key.text(), mine);
    if (theirs != null) {
      return theirs;
    }
    environment.schedule(delay, () -> send(key, mine));
    return mine;
  }

  private void send(EntryKey<K> key, CompletableFuture<T> shared) {
    upcoming.remove(key.text(), shared);
    Guard.whenDone(
        guard.issue(store -> read.apply(store, key)),
        (state, failure) -> {
          if (failure == null) {
            guard.answered();
            shared.complete(state);
          } else {
            executor.execute(() -> shared.completeExceptionally(guard.report("read", failure)));
          }
        });
  }
}
