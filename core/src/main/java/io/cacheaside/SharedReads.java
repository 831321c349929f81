package io.cacheaside;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads in the near future that all who wait for one key share. Nobody gets the answer of a read
 * that was sent before they asked.
 */
final class SharedReads {
  private final Guard guard;
  private final Environment environment;
  private final Executor executor;
  private final ConcurrentMap<String, CompletableFuture<byte @Nullable []>> upcoming =
      new ConcurrentHashMap<>();

  SharedReads(Guard guard, Environment environment, Executor executor) {
    this.guard = guard;
    this.environment = environment;
    this.executor = executor;
  }

  /** Reads a key after a delay, or together with whoever is about to read it. */
  CompletableFuture<byte @Nullable []> after(Duration delay, String key) {
    CompletableFuture<byte @Nullable []> mine = new CompletableFuture<>();
    CompletableFuture<byte @Nullable []> theirs = upcoming.putIfAbsent(key, mine);
    if (theirs != null) {
      return theirs;
    }
    environment.schedule(delay, () -> send(key, mine));
    return mine;
  }

  private void send(String key, CompletableFuture<byte @Nullable []> read) {
    upcoming.remove(key, read);
    Guard.whenDone(
        guard.issue(store -> store.read(key)),
        (state, failure) -> {
          if (failure == null) {
            read.complete(state);
          } else {
            executor.execute(() -> read.completeExceptionally(guard.report("read", failure)));
          }
        });
  }
}
