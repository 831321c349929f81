package io.cacheaside.fuzzing;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import io.cacheaside.testkit.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A store and a time that passes only while somebody waits; one thread does everything. */
final class World {
  /** More than the longest wait, for leases that seem to be renewed, takes. */
  private static final int MOST_TIMERS = 10_000;

  static final String CACHE = "users";

  final FakeTime time = FakeTime.withHeldTasks();
  final InMemoryStore store = InMemoryStore.builder().nanoTime(time::nanoTime).build();

  CacheAsideBuilder<String, String> users() {
    return CacheAside.builder(CACHE, Codec.string()).store(store).environment(time).ttlJitter(0);
  }

  /** Puts bytes where an entry is; to live for a duration that any header may say. */
  void plant(String key, byte[] state, long remainingMillis) {
    long most = Store.MAX_TTL.toMillis();
    long millis = Math.max(1, Math.min(remainingMillis, most));
    store.put(key, state, Duration.ofMillis(millis)).toCompletableFuture().join();
  }

  byte @Nullable [] stored(String key) {
    return store.read(key).toCompletableFuture().join();
  }

  /** Lets time pass until there is an outcome, which may be an exception. */
  <T extends @Nullable Object> T await(CompletableFuture<T> outcome) {
    time.runTasks();
    for (int timers = 0; !outcome.isDone(); timers++) {
      List<Duration> pending = time.pendingTimers();
      Violation.unless(timers < MOST_TIMERS && !pending.isEmpty(), "an operation hangs");
      time.advance(pending.get(0).isNegative() ? Duration.ZERO : pending.get(0));
    }
    return outcome.join();
  }

  /** Lets time pass until there is an outcome, and returns what was thrown, or null. */
  @Nullable Throwable failure(CompletableFuture<?> outcome) {
    try {
      await(outcome);
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    } catch (CancellationException e) {
      return e;
    }
  }
}
