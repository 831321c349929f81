package io.cacheaside.internal.read;

import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.store.Store;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Group commit for reads: while one read of a key is under way, all who ask for it wait for the
 * next one, which is sent when that has been answered. Nobody gets the answer of a read that was
 * sent before they asked: it may be older than an invalidation that they know of.
 *
 * <p>A key that only a few read at a time is none of this one's business: each of those reads is
 * sent at once, see {@link #enterAlone}. So a hot key costs the store a few commands per round
 * trip, whatever the number of readers, and every other key the same as ever.
 */
public final class CoalescedReads<K, T> {
  private static final int STRIPES = 1 << 12;
  private static final int MAX_ALONE = 2;

  private final BiFunction<Store, EntryKey<K>, CompletionStage<T>> read;
  private final AtomicIntegerArray alone = new AtomicIntegerArray(STRIPES);
  private final ConcurrentMap<String, Shared> underWay = new ConcurrentHashMap<>();

  public CoalescedReads(BiFunction<Store, EntryKey<K>, CompletionStage<T>> read) {
    this.read = read;
  }

  /**
   * Returns whether a read is to be sent at once, alone; then {@link #leaveAlone} has to follow
   * when it is answered. Keys share counters, so a read may be grouped that need not be.
   *
   * @param canShare whether the answer of a grouped read would do
   */
  public boolean enterAlone(EntryKey<K> key, boolean canShare) {
    int stripe = stripe(key);
    if (alone.incrementAndGet(stripe) <= MAX_ALONE || !canShare) {
      return true;
    }
    alone.decrementAndGet(stripe);
    return false;
  }

  public void leaveAlone(EntryKey<K> key) {
    alone.decrementAndGet(stripe(key));
  }

  private static int stripe(EntryKey<?> key) {
    return (int) key.hash() & (STRIPES - 1);
  }

  /** Reads a key together with all who ask for it before the read is sent. */
  public CompletionStage<T> read(Store store, EntryKey<K> key) {
    Shared mine = new Shared(store, key);
    Shared running = underWay.putIfAbsent(key.text(), mine);
    if (running == null) {
      mine.send();
      return mine.answer;
    }
    Shared next = running.nextOr(mine);
    return next == null ? read.apply(store, key) : next.answer;
  }

  /** One read, and the one after it. */
  private final class Shared {
    private final Store store;
    private final EntryKey<K> key;
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    /** The read that follows; this one itself when it has been answered. */
    private final AtomicReference<@Nullable Shared> next = new AtomicReference<>();

    Shared(Store store, EntryKey<K> key) {
      this.store = store;
      this.key = key;
    }

    /** Returns the read that follows this one, if need be the one given; null if it is too late. */
    @Nullable Shared nextOr(Shared given) {
      Shared known = next.compareAndExchange(null, given);
      if (known == null) {
        return given;
      }
      return known == this ? null : known;
    }

    void send() {
      try {
        CompletionStage<T> reading = readNow();
        boolean atOnce = reading instanceof CompletableFuture<T> future && future.isDone();
        Stages.whenDone(reading, (found, failure) -> answered(found, failure, atOnce));
      } catch (Throwable thrown) {
        answered(null, thrown, false);
        throw thrown;
      }
    }

    private CompletionStage<T> readNow() {
      try {
        return read.apply(store, key);
      } catch (Throwable failure) {
        return CompletableFuture.failedFuture(failure);
      }
    }

    /**
     * Sends the read that follows right here, on a thread of the store: one of the executor may be
     * waiting for it. Where the store answers at once nobody can join that one, so it is the last.
     */
    private void answered(@Nullable T found, @Nullable Throwable failure, boolean atOnce) {
      Shared following = next.getAndSet(this);
      try {
        goOnWith(following, failure, atOnce);
      } catch (Throwable thrown) {
        if (following != null) {
          following.end(null, thrown);
        }
        throw thrown;
      } finally {
        end(found, failure);
      }
    }

    private void goOnWith(@Nullable Shared following, @Nullable Throwable failure, boolean atOnce) {
      if (following == null || failure != null || atOnce) {
        underWay.remove(key.text(), this);
      } else {
        underWay.replace(key.text(), this, following);
      }
      if (following != null && failure != null) {
        following.end(null, failure);
      } else if (following != null) {
        following.send();
      }
    }

    private void end(@Nullable T found, @Nullable Throwable failure) {
      if (failure == null) {
        answer.complete(found);
      } else {
        answer.completeExceptionally(failure);
      }
    }
  }
}
