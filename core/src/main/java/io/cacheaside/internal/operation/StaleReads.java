package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.ValueReader;
import org.jspecify.annotations.Nullable;

/**
 * A read for a value that may be handed out instead of a load that failed or takes long; null if
 * there is none, or the store cannot tell.
 */
public final class StaleReads<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final Freshness freshness;
  private final ReplayQueue<K> replayQueue;
  private final Events<K> events;

  public StaleReads(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      ValueReader<K, V> valueReader,
      Freshness freshness,
      ReplayQueue<K> replayQueue,
      Events<K> events) {
    this.context = context;
    this.entryReader = entryReader;
    this.valueReader = valueReader;
    this.freshness = freshness;
    this.replayQueue = replayQueue;
    this.events = events;
  }

  Operation<@Nullable V> of(Caller caller, EntryKey<K> key, ReadOptions options) {
    return new StaleRead(caller, key, options);
  }

  private final class StaleRead extends Operation<@Nullable V> {
    private final EntryKey<K> key;
    private final ReadOptions options;

    StaleRead(Caller caller, EntryKey<K> key, ReadOptions options) {
      super(context, caller);
      this.key = key;
      this.options = options;
    }

    @Override
    protected void start() {
      if (replayQueue.covers(key)) {
        succeed(null);
        return;
      }
      ask(
          "read",
          store -> entryReader.ask(store, key, EntryReader.Manner.TIMED),
          (raw, failure) -> {
            if (raw == null || failure != null) {
              succeed(null);
            } else {
              decide(entryReader.read(key, raw));
            }
          });
    }

    private void decide(Snapshot snapshot) {
      if (mayServe(snapshot)) {
        entryReader.ifCurrent(
            this, snapshot, this::serve, () -> succeed(null), unknown -> succeed(null));
      } else {
        succeed(null);
      }
    }

    private boolean mayServe(Snapshot snapshot) {
      return snapshot.entry().is(Entry.Kind.VALUE)
          && (freshness.mayStandIn(snapshot, options)
              || freshness.judge(snapshot, options) == Freshness.Verdict.FRESH);
    }

    private void serve(Snapshot snapshot) {
      V value = valueReader.decodeOrNull(key, snapshot.entry());
      if (value != null && snapshot.isStale()) {
        events.servedStale(key, snapshot.age());
      }
      succeed(value);
    }
  }
}
