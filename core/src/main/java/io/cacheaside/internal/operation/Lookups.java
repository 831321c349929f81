package io.cacheaside.internal.operation;

import io.cacheaside.Lookup;
import io.cacheaside.Provenance;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.internal.read.ValueReader;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what the cache holds under a key, without loading. */
public final class Lookups<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final Tags<K> tags;
  private final ReplayQueue<K> replayQueue;
  private final NearValues<K, V> nearValues;

  public Lookups(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      ValueReader<K, V> valueReader,
      Tags<K> tags,
      ReplayQueue<K> replayQueue,
      NearValues<K, V> nearValues) {
    this.context = context;
    this.entryReader = entryReader;
    this.valueReader = valueReader;
    this.tags = tags;
    this.replayQueue = replayQueue;
    this.nearValues = nearValues;
  }

  /** Returns a {@code lookup}. */
  Operation<Lookup<V>> of(Caller caller, EntryKey<K> key) {
    return new OfEntry(caller, key);
  }

  /** Returns a {@code remainingTtl}. */
  Operation<Optional<Duration>> ofTtl(Caller caller, EntryKey<K> key) {
    return new OfTtl(caller, key);
  }

  /**
   * One read of an entry and its remaining time, which never loads; a store that fails holds
   * nothing.
   */
  private abstract class Peek<R> extends Operation<R> {
    final EntryKey<K> key;
    private final int maxBytes;

    Peek(Caller caller, EntryKey<K> key, int maxBytes) {
      super(context, caller);
      this.key = key;
      this.maxBytes = tags.areUsed() ? Integer.MAX_VALUE : maxBytes;
    }

    @Override
    public final void start() {
      if (replayQueue.covers(key)) {
        succeed(nothing());
      } else {
        ask("read", store -> entryReader.askTimed(store, key, maxBytes), this::onRaw);
      }
    }

    private void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      Snapshot snapshot = raw == null || failure != null ? null : entryReader.read(key, raw);
      if (snapshot == null || !snapshot.entry().isAnswer()) {
        succeed(nothing());
      } else {
        entryReader.ifCurrent(
            this,
            snapshot,
            current -> succeed(found(current)),
            () -> succeed(nothing()),
            unknown -> succeed(nothing()));
      }
    }

    abstract R found(Snapshot snapshot);

    final Provenance provenance(Snapshot snapshot) {
      return snapshot.provenance(nearValues.has(key.key()));
    }

    abstract R nothing();
  }

  /** Says what an entry is, with its value. */
  private final class OfEntry extends Peek<Lookup<V>> {
    OfEntry(Caller caller, EntryKey<K> key) {
      super(caller, key, Integer.MAX_VALUE);
    }

    @Override
    Lookup<V> found(Snapshot snapshot) {
      Entry entry = snapshot.entry();
      if (entry.is(Entry.Kind.ABSENT)) {
        return new Lookup.AbsentInSource<>(provenance(snapshot));
      }
      V value = valueReader.decodeOrNull(key, entry);
      if (value == null) {
        return nothing();
      }
      return snapshot.isStale()
          ? new Lookup.Stale<>(value, provenance(snapshot))
          : new Lookup.Hit<>(value, provenance(snapshot));
    }

    @Override
    Lookup<V> nothing() {
      return new Lookup.NotCached<>();
    }
  }

  /** Says how much time a value has left in which it is fresh. */
  private final class OfTtl extends Peek<Optional<Duration>> {
    OfTtl(Caller caller, EntryKey<K> key) {
      super(caller, key, Entry.HEADER_BYTES);
    }

    @Override
    Optional<Duration> found(Snapshot snapshot) {
      return snapshot.entry().is(Entry.Kind.VALUE) && !snapshot.isStale()
          ? Optional.of(provenance(snapshot).remaining())
          : nothing();
    }

    @Override
    Optional<Duration> nothing() {
      return Optional.empty();
    }
  }
}
