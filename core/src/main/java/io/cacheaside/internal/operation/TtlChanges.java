package io.cacheaside.internal.operation;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Lifetime;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Changes how long values live. */
public final class TtlChanges<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final Tags<K> tags;
  private final EntryCodec<K, V> entryCodec;
  private final Lifetimes<K, V> lifetimes;
  private final ReplayQueue<K> replayQueue;

  public TtlChanges(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      Tags<K> tags,
      EntryCodec<K, V> entryCodec,
      Lifetimes<K, V> lifetimes,
      ReplayQueue<K> replayQueue) {
    this.context = context;
    this.entryReader = entryReader;
    this.tags = tags;
    this.entryCodec = entryCodec;
    this.lifetimes = lifetimes;
    this.replayQueue = replayQueue;
  }

  /** Returns a {@code setTtl}. */
  Operation<Boolean> set(Caller caller, EntryKey<K> key, Duration ttl) {
    return new Set(caller, key, ttl);
  }

  /** Returns a {@code touch}. */
  Operation<Boolean> touch(Caller caller, EntryKey<K> key) {
    return new Touch(caller, key);
  }

  /** Returns a {@code markStale}. */
  Operation<Boolean> markStale(Caller caller, EntryKey<K> key) {
    return new MarkStale(caller, key);
  }

  /**
   * One {@code setTtl}, {@code touch} or {@code markStale}: reads the header of a value and writes
   * it back with another life.
   */
  private abstract class TtlChange extends Operation<Boolean> {
    final EntryKey<K> key;

    TtlChange(Caller caller, EntryKey<K> key) {
      super(context, caller);
      this.key = key;
    }

    @Override
    protected void start() {
      if (replayQueue.covers(key)) {
        succeed(false);
        return;
      }
      int maxBytes = tags.areUsed() ? Integer.MAX_VALUE : Entry.HEADER_BYTES;
      ask("ttl", store -> entryReader.askTimed(store, key, maxBytes), this::onRead);
    }

    private void onRead(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      if (failure != null) {
        fail(failure);
      } else if (raw != null) {
        Snapshot snapshot = entryReader.read(key, raw);
        if (snapshot.entry().is(Entry.Kind.VALUE)) {
          entryReader.ifCurrent(
              this, snapshot, this::write, () -> notAValue(snapshot.entry()), this::fail);
        } else {
          notAValue(snapshot.entry());
        }
      }
    }

    /** Gives a value another life, with {@link #swapHead}. */
    abstract void write(Snapshot snapshot);

    void notAValue(Entry entry) {
      succeed(false);
    }

    final void swapHead(Entry entry, byte[] head, @Nullable Duration ttl) {
      ask(
          "ttl",
          store -> store.swapHead(key.text(), entry.stamp(), head, ttl),
          (written, failure) -> {
            if (failure != null) {
              fail(failure);
            } else if (Boolean.TRUE.equals(written)) {
              succeed(true);
            } else {
              startAgain();
            }
          });
    }
  }

  /** Sets a time to live. */
  private final class Set extends TtlChange {
    private final Lifetime lifetime;

    Set(Caller caller, EntryKey<K> key, Duration ttl) {
      super(caller, key);
      this.lifetime = lifetimes.exactly(ttl);
    }

    @Override
    void write(Snapshot snapshot) {
      byte[] head = entryCodec.headWith(key, snapshot.entry(), lifetime);
      swapHead(snapshot.entry(), head, lifetime.ttl());
    }
  }

  /** Begins the time to live anew. */
  private final class Touch extends TtlChange {
    Touch(Caller caller, EntryKey<K> key) {
      super(caller, key);
    }

    @Override
    void write(Snapshot snapshot) {
      if (snapshot.isStale()) {
        succeed(false);
      } else {
        swapHead(snapshot.entry(), snapshot.entry().head(), snapshot.entry().ttl());
      }
    }
  }

  /** Ends the time in which a value is fresh, and the authority of a load under way. */
  private final class MarkStale extends TtlChange {
    MarkStale(Caller caller, EntryKey<K> key) {
      super(caller, key);
    }

    @Override
    void write(Snapshot snapshot) {
      Entry entry = snapshot.entry();
      swapHead(entry, entryCodec.headOfStale(key, entry, snapshot.age()), null);
    }

    @Override
    void notAValue(Entry entry) {
      if (!entry.is(Entry.Kind.LEASE) && !entry.is(Entry.Kind.PASS)) {
        succeed(false);
        return;
      }
      ask(
          "ttl",
          store -> store.remove(key.text(), entry.stamp()),
          (removed, failure) -> {
            if (failure != null) {
              fail(failure);
            } else if (Boolean.TRUE.equals(removed)) {
              succeed(false);
            } else {
              startAgain();
            }
          });
    }
  }
}
