package io.cacheaside.internal.operation;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Lifetime;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Chunks;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.lease.Lease;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stores values and absences for callers who vouch for them. */
public final class Puts<K, V> {
  private static final byte[] NOTHING = {};

  private final Operation.Context context;
  private final Lifetimes<K, V> lifetimes;
  private final EntryCodec<K, V> entryCodec;
  private final EntryReader<K, V> entryReader;
  private final Tags<K> tags;
  private final Leases leases;
  private final GuardedStore guard;
  private final ReplayQueue<K> replayQueue;
  private final Events<K> events;

  public Puts(
      Operation.Context context,
      Lifetimes<K, V> lifetimes,
      EntryCodec<K, V> entryCodec,
      EntryReader<K, V> entryReader,
      Tags<K> tags,
      Leases leases,
      GuardedStore guard,
      ReplayQueue<K> replayQueue,
      Events<K> events) {
    this.context = context;
    this.lifetimes = lifetimes;
    this.entryCodec = entryCodec;
    this.entryReader = entryReader;
    this.tags = tags;
    this.leases = leases;
    this.guard = guard;
    this.replayQueue = replayQueue;
    this.events = events;
  }

  /**
   * Returns a {@code put}, with whether it has stored the value.
   *
   * @param ttl null for the time to live that the cache gives
   */
  Operation<Boolean> of(Caller caller, EntryKey<K> key, V value, @Nullable Duration ttl) {
    return new Put(caller, key, value, ttl, false);
  }

  /** Returns a {@code putIfAbsent}. */
  Operation<Boolean> ofAbsent(Caller caller, EntryKey<K> key, V value) {
    return new Put(caller, key, value, null, true);
  }

  /** Returns a {@code putAbsence}; throws if the cache keeps no absences. */
  Operation<Boolean> ofAbsence(Caller caller, EntryKey<K> key) {
    if (lifetimes.absentTtl() == null) {
      throw new IllegalStateException("the cache keeps no absences; build it with absentTtl(...)");
    }
    return new Put(caller, key, null, null, false);
  }

  /** Returns a {@code putAll}. */
  Operation<@Nullable Void> ofAll(Caller caller, Map<EntryKey<K>, V> values) {
    return new PutAll(caller, values);
  }

  /**
   * One {@code put}: stores a value, or an absence, whatever is there, but for a barrier; as a
   * {@code putIfAbsent} also but for what answers reads.
   *
   * <p>It never writes the value unconditionally. The network may deliver such a command long after
   * the put has failed, and after an invalidation that came later. So a put takes two steps: it
   * takes a lease if the key is empty, and then replaces that lease, or the entry that is there
   * instead. A late lease expires. A late replacement is refused, because the invalidation has
   * removed the state that it names.
   *
   * <p>If the key is empty at the second step, the put ends normally without storing: another
   * operation has removed the state, and that may be an invalidation. The put then counts as
   * executed just before it.
   */
  private final class Put extends Operation<Boolean> {
    private final EntryKey<K> key;
    private final @Nullable V value;
    private final @Nullable Duration ttl;
    private final boolean onlyIfAbsent;
    private final long number;
    private final CompletableFuture<@Nullable Void> claimed = new CompletableFuture<>();
    private @Nullable Lease lease;
    private @Nullable Entry replaced;
    private byte[] state = NOTHING;
    private Duration stateTtl = Duration.ZERO;
    private boolean isStored;

    Put(
        Caller caller,
        EntryKey<K> key,
        @Nullable V value,
        @Nullable Duration ttl,
        boolean onlyIfAbsent) {
      super(context, caller);
      this.key = key;
      this.value = value;
      this.ttl = ttl;
      this.onlyIfAbsent = onlyIfAbsent;
      this.number = replayQueue.nextNumber();
    }

    @Override
    protected void start() {
      claim();
      then(claimed, (done, failure) -> store());
    }

    // ---- What is replaced -----------------------------------------------------------------------

    /**
     * Takes the first step. It encodes the value before anything else, because the caller may
     * change its object as soon as the call has returned.
     */
    void claim() {
      Stages.whenDone(result, (done, failure) -> forget());
      guarded(this::encode);
    }

    /**
     * Completes when the state to be replaced is known, or when the put has failed; never
     * exceptionally.
     */
    CompletableFuture<?> claimed() {
      return claimed;
    }

    /**
     * Drops the bytes, because a large {@code putAll} keeps its puts until the last one is done.
     */
    private void forget() {
      state = NOTHING;
      claimed.complete(null);
    }

    private void encode() {
      if (mayStore()) {
        if (value == null) {
          stateTtl = lifetimes.shortened(Objects.requireNonNull(lifetimes.absentTtl()));
          readTags(tags -> entryCodec.absentState(key, stateTtl, tags));
        } else {
          Lifetime lifetime = lifetimes.of(key, value, ttl);
          stateTtl = lifetime.ttl();
          byte[] payload = entryCodec.encode(key, value);
          readTags(tags -> entryCodec.valueState(key, payload, lifetime, null, tags));
        }
      }
    }

    private void readTags(Function<TagIds, byte[]> stateOf) {
      if (tags.areUsed()) {
        ask(
            "read",
            store -> entryReader.tags(store, key),
            (tags, failure) -> {
              if (failure != null) {
                fail(failure);
              } else if (tags != null) {
                prepare(stateOf, tags);
              }
            });
      } else {
        prepare(stateOf, TagIds.NONE);
      }
    }

    private void prepare(Function<TagIds, byte[]> stateOf, TagIds tags) {
      state = stateOf.apply(tags.ofValue(Map.of()));
      lease = leases.create(key, 0, tags);
      askForLease();
    }

    private void askForLease() {
      Lease mine = Objects.requireNonNull(lease);
      ask(
          "put",
          store -> store.putIfAbsent(key.text(), mine.state(), mine.ttl()),
          (there, failure) -> {
            if (failure != null) {
              giveUp(failure);
            } else {
              onLease(there == null ? mine.state() : there, there == null);
            }
          });
    }

    private void onLease(byte[] there, boolean granted) {
      Entry entry = entryCodec.parse(key, there);
      if (entry.is(Entry.Kind.FOREIGN)) {
        removeForeign(this::askForLease);
        return;
      }
      if (!granted) {
        lease = null;
      }
      unlessCached(
          entry,
          () -> {
            replaced = entry;
            claimed.complete(null);
          });
    }

    /** Goes on unless only an empty key is filled and an entry answers reads; then it ends. */
    private void unlessCached(Entry entry, Runnable next) {
      if (onlyIfAbsent && entry.is(Entry.Kind.NEWER)) {
        succeed(false);
      } else if (onlyIfAbsent && entry.isAnswer() && !replayQueue.covers(key)) {
        ask(
            "put",
            store -> entryReader.ask(store, key, EntryReader.Manner.TIMED),
            (raw, failure) -> {
              if (raw == null || failure != null) {
                giveUp(Objects.requireNonNull(failure));
              } else {
                endIfCurrent(entryReader.read(key, raw), next);
              }
            });
      } else {
        next.run();
      }
    }

    private void endIfCurrent(Snapshot snapshot, Runnable otherwise) {
      if (snapshot.entry().isAnswer() && !snapshot.isStale()) {
        entryReader.ifCurrent(this, snapshot, current -> succeed(false), otherwise, this::giveUp);
      } else if (mayStore()) {
        otherwise.run();
      }
    }

    /** Removes bytes that have no id, so that no conditional operation can name them. */
    private void removeForeign(Runnable next) {
      ask(
          "put",
          store -> store.remove(key.text()),
          (removed, failure) -> {
            if (failure != null) {
              fail(failure);
            } else if (isOverdue()) {
              fail(overdue());
            } else if (mayStore()) {
              next.run();
            }
          });
    }

    // ---- Replacing it ---------------------------------------------------------------------------

    /** Takes the second step. */
    void store() {
      if (mayStore()) {
        guarded(() -> replace(Objects.requireNonNull(replaced)));
      }
    }

    private void replace(Entry entry) {
      if (entry.is(Entry.Kind.BARRIER)) {
        succeed(false);
        return;
      }
      ask(
          "put",
          store -> store.swap(key.text(), entry.stamp(), state, stateTtl),
          (swapped, failure) -> {
            if (failure != null) {
              giveUp(failure);
            } else if (Boolean.TRUE.equals(swapped)) {
              isStored = true;
              events.put();
              stored();
            } else if (isOverdue()) {
              giveUp(overdue());
            } else {
              readAgain();
            }
          });
    }

    private void readAgain() {
      ask(
          "put",
          store -> store.readTimed(key.text(), Entry.HEADER_BYTES),
          (found, failure) -> {
            if (failure != null) {
              giveUp(failure);
            } else {
              onFound(found);
            }
          });
    }

    private void onFound(@Nullable TimedState found) {
      Entry entry = entryCodec.parse(key, found == null ? null : found.bytes());
      if (entry.is(Entry.Kind.NONE)) {
        stored();
      } else if (entry.is(Entry.Kind.FOREIGN)) {
        removeForeign(this::stored);
      } else if (mayStore()) {
        unlessCached(entry, () -> replace(entry));
      }
    }

    /** Ends with the new state, or nothing, in the place of everything older. */
    private void stored() {
      if (replayQueue.knows(key)) {
        settle();
      } else {
        succeed(isStored);
      }
    }

    /**
     * Stands in for an invalidation of the key that failed, if the value has as many copies as that
     * would have. If not, the invalidation is still to be repeated, and the value goes with it.
     */
    private void settle() {
      ask(
          "put",
          store -> store.awaitCopies(List.of(key.text())),
          (copied, failure) -> {
            if (failure == null) {
              replayQueue.confirm(List.of(key), number);
            }
            succeed(isStored);
          });
    }

    // ---- The end --------------------------------------------------------------------------------

    /** Returns whether the put goes on; it ends once its caller has left. */
    private boolean mayStore() {
      if (caller.isGone()) {
        fail(new CancellationException("the caller was interrupted"));
      }
      if (result.isDone()) {
        release();
      }
      return !result.isDone();
    }

    private void giveUp(Throwable failure) {
      release();
      fail(failure);
    }

    /** Gives back the lease that this put has, or may have. */
    private void release() {
      Lease mine = lease;
      lease = null;
      if (mine != null) {
        guard.send(
            GuardedStore.RELEASE,
            caller.batch(),
            store -> store.remove(key.text(), mine.stamp()),
            answer -> true,
            (removed, failure) -> {});
      }
    }
  }

  /** One {@code putAll}: a put per key, each step sent together in chunks. */
  private final class PutAll extends Operation<@Nullable Void> {
    private final List<Map.Entry<EntryKey<K>, V>> values;

    PutAll(Caller caller, Map<EntryKey<K>, V> values) {
      super(context, caller);
      this.values = List.copyOf(values.entrySet());
    }

    /** Goes on after a failure, so that as many as possible are stored. */
    @Override
    protected void start() {
      Chunks.each(
          values,
          Chunks.SIZE,
          caller,
          () -> true,
          this::put,
          failure -> {
            if (failure == null) {
              succeed(null);
            } else {
              fail(failure);
            }
          });
    }

    private CompletableFuture<?> put(List<Map.Entry<EntryKey<K>, V>> chunk) {
      List<Put> puts = chunk.stream().map(this::putOf).toList();
      together(() -> puts.forEach(Put::claim));
      then(
          all(puts.stream().map(Put::claimed).toList()),
          (claimed, never) -> together(() -> puts.forEach(Put::store)));
      return all(puts.stream().map(put -> put.result).toList());
    }

    private Put putOf(Map.Entry<EntryKey<K>, V> one) {
      return new Put(caller, one.getKey(), one.getValue(), null, false);
    }

    private static CompletableFuture<?> all(List<? extends CompletableFuture<?>> futures) {
      return Stages.allOf(futures);
    }
  }
}
