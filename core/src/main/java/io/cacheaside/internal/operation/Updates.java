package io.cacheaside.internal.operation;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.Removal;
import io.cacheaside.internal.invalidate.Removals;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.ValueReader;
import io.cacheaside.store.StoreException;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Changes values in place. */
public final class Updates<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final EntryCodec<K, V> entryCodec;
  private final ReplayQueue<K> replayQueue;
  private final Removals<K> removals;

  public Updates(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      ValueReader<K, V> valueReader,
      EntryCodec<K, V> entryCodec,
      ReplayQueue<K> replayQueue,
      Removals<K> removals) {
    this.context = context;
    this.entryReader = entryReader;
    this.valueReader = valueReader;
    this.entryCodec = entryCodec;
    this.replayQueue = replayQueue;
    this.removals = removals;
  }

  /** Returns an {@code update}. */
  Operation<Boolean> of(Caller caller, EntryKey<K> key, UnaryOperator<V> change) {
    return new Update(caller, key, change);
  }

  /**
   * One {@code update}: read a value, change it, put it back in place of exactly that value.
   *
   * <p>What it meets and cannot replace is taken away: the load under way may have read the source
   * before the change. So is what others change for the whole load timeout.
   */
  private final class Update extends Operation<Boolean> {
    private final EntryKey<K> key;
    private final UnaryOperator<V> change;
    private final long number;

    Update(Caller caller, EntryKey<K> key, UnaryOperator<V> change) {
      super(context, caller);
      this.key = key;
      this.change = change;
      this.number = replayQueue.nextNumber();
    }

    @Override
    protected void start() {
      whenLeft(this::queue);
      attempt();
    }

    private void attempt() {
      if (replayQueue.covers(key) || isOverdue()) {
        remove();
      } else {
        ask("read", store -> entryReader.ask(store, key, EntryReader.Manner.PLAIN), this::onRaw);
      }
    }

    private void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      if (failure != null) {
        failAndQueue(failure);
      } else if (raw != null && mayGoOn()) {
        Snapshot snapshot = entryReader.read(key, raw);
        if (snapshot.entry().is(Entry.Kind.NONE)) {
          succeed(false);
        } else if (snapshot.entry().is(Entry.Kind.VALUE)) {
          entryReader.ifCurrent(
              this, snapshot, current -> swap(current.entry()), this::remove, this::failAndQueue);
        } else {
          remove();
        }
      }
    }

    private void swap(Entry entry) {
      V value = decodeOrNull(entry);
      if (value == null) {
        remove();
        return;
      }
      byte[] changed;
      try {
        changed =
            entryCodec.encode(
                key, Objects.requireNonNull(change.apply(value), "the change returned null"));
      } catch (Throwable thrown) {
        fail(thrown); // the entry stays as it is
        return;
      }
      byte[] next = entryCodec.successorState(key, entry, changed);
      ask("update", store -> store.swap(key.text(), entry.stamp(), next, null), this::onSwapped);
    }

    /** Whatever keeps the value from being decoded, the old one must not stay. */
    private @Nullable V decodeOrNull(Entry entry) {
      try {
        return valueReader.decodeOrNull(key, entry);
      } catch (OutOfMemoryError e) {
        return null;
      }
    }

    private void onSwapped(@Nullable Boolean swapped, @Nullable StoreException failure) {
      if (failure != null) {
        removeAfter(failure);
      } else if (Boolean.TRUE.equals(swapped)) {
        succeed(true);
      } else {
        caller.execute(() -> guarded(this::attempt));
      }
    }

    private void remove() {
      ask(
          "update",
          removal().command(),
          (removed, failure) -> {
            if (failure != null) {
              failAndQueue(failure);
            } else {
              replayQueue.confirm(List.of(key), number);
              succeed(false);
            }
          });
    }

    /** Leaves no doubt behind: what may or may not have been updated is removed. */
    private void removeAfter(StoreException failure) {
      ask(
          "update",
          removal().command(),
          (removed, again) -> {
            if (again == null) {
              fail(failure);
            } else {
              failAndQueue(failure);
            }
          });
    }

    private void failAndQueue(StoreException failure) {
      queue();
      fail(failure);
    }

    /** Lets the key be read around until what it holds has been removed. */
    private void queue() {
      replayQueue.add(removal(), number);
    }

    private Removal<K> removal() {
      return removals.ofKey(key);
    }
  }
}
