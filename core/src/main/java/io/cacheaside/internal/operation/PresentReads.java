package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.near.NearEntry;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.internal.read.ValueReader;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads what is cached, as a {@code get} would, and never loads. */
public final class PresentReads<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final ReadPlans plans;
  private final NearValues<K, V> nearValues;
  private final ReplayQueue<K> replayQueue;
  private final Events<K> events;

  public PresentReads(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      ValueReader<K, V> valueReader,
      ReadPlans plans,
      NearValues<K, V> nearValues,
      ReplayQueue<K> replayQueue,
      Events<K> events) {
    this.context = context;
    this.entryReader = entryReader;
    this.valueReader = valueReader;
    this.plans = plans;
    this.nearValues = nearValues;
    this.replayQueue = replayQueue;
    this.events = events;
  }

  /** Returns a {@code getIfPresent} of a key that is not near. */
  Operation<@Nullable V> of(Caller caller, EntryKey<K> key) {
    return new One(caller, key, null);
  }

  /** Returns a {@code getAllPresent}. */
  Operation<Map<K, V>> ofAll(Caller caller, List<EntryKey<K>> keys) {
    return new All(caller, keys);
  }

  /** The read of one key, whose tags may be read together with those of others. */
  private final class One extends Operation<@Nullable V> {
    private final EntryKey<K> key;
    private final Tags<K>.@Nullable Reading reading;
    private EntryReader.Manner manner = entryReader.usualManner();

    One(Caller caller, EntryKey<K> key, Tags<K>.@Nullable Reading reading) {
      super(context, caller);
      this.key = key;
      this.reading = reading;
    }

    @Override
    protected void start() {
      NearEntry<V> near = nearValues.find(key.key(), ReadOptions.defaults());
      if (near != null) {
        succeed(nearValues.handOut(key.key(), near));
      } else if (replayQueue.covers(key)) {
        missed();
      } else {
        read();
      }
    }

    private void read() {
      ask(
          "read",
          store ->
              reading == null
                  ? entryReader.ask(store, key, manner)
                  : entryReader.ask(store, key, manner, reading),
          this::onRaw);
    }

    private void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      if (raw == null || failure != null) {
        missed();
        return;
      }
      Snapshot snapshot = entryReader.read(key, raw);
      if (!snapshot.entry().isAnswer()) {
        missed();
      } else if (snapshot.entry().outlivesFreshness() && manner == EntryReader.Manner.PLAIN) {
        manner = EntryReader.Manner.TIMED;
        read();
      } else {
        entryReader.ifCurrent(this, snapshot, this::follow, this::missed, unknown -> missed());
      }
    }

    private void follow(Snapshot snapshot) {
      switch (plans.of(snapshot, ReadOptions.defaults(), false)) {
        case SERVE, SERVE_EARLY, SERVE_STALE -> serve(snapshot);
        default -> missed();
      }
    }

    private void serve(Snapshot snapshot) {
      if (snapshot.entry().is(Entry.Kind.ABSENT)) {
        nearValues.keep(key, null, snapshot);
        events.hit(key);
        succeed(null);
        return;
      }
      V value = valueReader.decodeOrNull(key, snapshot.entry());
      if (value == null) {
        missed();
        return;
      }
      if (snapshot.isStale()) {
        events.servedStale(key, snapshot.age());
      }
      events.hit(key);
      succeed(nearValues.keep(key, value, snapshot));
    }

    private void missed() {
      events.missed(key);
      succeed(null);
    }
  }

  /** One {@code getAllPresent}: what a chunk of its keys asks for is sent together. */
  private final class All extends Operation<Map<K, V>> {
    private final List<EntryKey<K>> keys;
    private final Map<K, V> values = new LinkedHashMap<>();

    All(Caller caller, List<EntryKey<K>> keys) {
      super(context, caller);
      this.keys = keys;
    }

    @Override
    protected void start() {
      Chunks.each(
          keys,
          Chunks.SIZE,
          caller,
          () -> mayGoOn() && !caller.isLeaving(),
          this::read,
          failure -> {
            if (failure == null) {
              succeed(Collections.unmodifiableMap(values));
            } else {
              fail(failure);
            }
          });
    }

    private CompletableFuture<?> read(List<EntryKey<K>> chunk) {
      Tags<K>.Reading reading =
          entryReader.reading(context.guard().store(), entryReader.usualManner());
      List<One> reads = new ArrayList<>(chunk.size());
      chunk.forEach(key -> reads.add(new One(caller, key, reading)));
      together(() -> reads.forEach(One::run));
      CompletableFuture<@Nullable Void> delivered = new CompletableFuture<>();
      then(
          Stages.allOf(reads.stream().map(read -> read.result).toList()),
          (all, failure) -> {
            if (failure == null) {
              reads.forEach(read -> add(read.key, read.result.join()));
              delivered.complete(null);
            } else {
              delivered.completeExceptionally(failure);
            }
          });
      return delivered;
    }

    private void add(EntryKey<K> key, @Nullable V value) {
      if (value != null) {
        values.put(key.key(), value);
      }
    }
  }
}
