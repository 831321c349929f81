package io.cacheaside.internal.read;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads in the near future that all who wait for one key share: when it is told that the key has
 * changed, or after a delay. Nobody gets the answer of a read that was sent before they asked.
 */
public final class ScheduledReads<K, T> {
  private final GuardedStore guard;
  private final Epochs epochs;
  private final Environment environment;
  private final Executor executor;
  private final BiFunction<Store, EntryKey<K>, CompletionStage<T>> read;
  private final ConcurrentMap<String, Upcoming> upcoming = new ConcurrentHashMap<>();

  public ScheduledReads(
      GuardedStore guard,
      Epochs epochs,
      Environment environment,
      Executor executor,
      BiFunction<Store, EntryKey<K>, CompletionStage<T>> read) {
    this.guard = guard;
    this.epochs = epochs;
    this.environment = environment;
    this.executor = executor;
    this.read = read;
  }

  /** A read that is not sent yet. */
  private final class Upcoming {
    private final EntryKey<K> key;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private volatile Environment.@Nullable Timer timer;

    Upcoming(EntryKey<K> key) {
      this.key = key;
    }

    void sendAfter(Duration delay) {
      Environment.Timer set;
      try {
        set = environment.schedule(delay, this::send);
      } catch (Throwable thrown) {
        upcoming.remove(key.text(), this);
        answer.completeExceptionally(thrown);
        throw thrown;
      }
      timer = set;
      if (answer.isDone()) {
        set.cancel();
      }
    }

    /** Sends the read, unless that has been done. */
    void send() {
      if (upcoming.remove(key.text(), this)) {
        Environment.Timer set = timer;
        if (set != null) {
          set.cancel();
        }
        Stages.whenDone(guard.issue(store -> read.apply(store, key)), this::answered);
      }
    }

    private void answered(@Nullable T state, @Nullable Throwable failure) {
      if (failure == null) {
        try {
          guard.answered();
        } finally {
          answer.complete(state);
        }
      } else {
        answer.completeExceptionally(GuardedStore.asStoreException("read", failure));
        executor.execute(() -> guard.report("read", failure));
      }
    }
  }

  /**
   * Reads a key after a delay, or when it changes, or together with whoever is about to read it.
   *
   * @param seen when the caller has read it, if the change is to count from then on
   */
  public CompletableFuture<T> after(Duration delay, EntryKey<K> key, @Nullable Epoch seen) {
    Upcoming mine = new Upcoming(key);
    Upcoming theirs = upcoming.putIfAbsent(key.text(), mine);
    Upcoming shared = theirs == null ? mine : theirs;
    if (seen != null && !epochs.isUnchanged(seen, environment.nanoTime())) {
      shared.send();
    } else if (shared.timer == null) {
      shared.sendAfter(delay);
    }
    return shared.answer;
  }

  /** Lets the read of a key be sent now, if anybody waits for it. */
  public void changed(String key) {
    Upcoming waiting = upcoming.get(key);
    if (waiting != null) {
      sendNow(waiting);
    }
  }

  /** Whoever is first sends it: those who wait may block all threads of the executor. */
  private void sendNow(Upcoming waiting) {
    environment.schedule(Duration.ZERO, waiting::send);
    executor.execute(waiting::send);
  }

  /** Sends all reads now. */
  public void allChanged() {
    List.copyOf(upcoming.values()).forEach(this::sendNow);
  }
}
