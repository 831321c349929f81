package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.codec.CodecException;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.lease.Grant;
import io.cacheaside.internal.lease.Lease;
import io.cacheaside.internal.lease.LeaseWatch;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.load.Bulkhead;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.LoadOutcome;
import io.cacheaside.internal.load.LoaderCalls;
import io.cacheaside.internal.load.LoaderExecutors;
import io.cacheaside.internal.load.Loads;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.ReadEpochs;
import io.cacheaside.internal.read.ScheduledReads;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What reads do that have found nothing to return: load under a lease, share the load of others, or
 * load around the store.
 *
 * <p>The order of two things makes it correct. The state that authorises a load (a lease, or the
 * entry that is refreshed) is in the store before the loader begins, so that an invalidation after
 * the loader's read of the source takes it away and the fill is refused. And nobody joins a load
 * but after a read of their own that showed that state in place.
 */
public final class Misses<K, V> {
  private static final int MAX_UNUSABLE = 3;

  private final Operation.Context context;
  private final Loads<K, V> loads;
  private final LoaderCalls<K, V> loaderCalls;
  private final LoaderExecutors executors;
  private final Leases leases;
  private final Bulkhead bulkhead;
  private final Barriers<K, V> barriers;
  private final EntryCodec<K, V> entryCodec;
  private final ScheduledReads<K, EntryReader.Raw> scheduledReads;
  private final LeaseWaits.Rules leaseRules;
  private final Events<K> events;
  private final Failures<K> failures;

  /**
   * Creates the misses of a cache.
   *
   * @param leaseTime how long the leases of this cache last without being renewed
   * @param isTold whether the store tells of changes
   */
  public Misses(
      Operation.Context context,
      Loads<K, V> loads,
      LoaderCalls<K, V> loaderCalls,
      LoaderExecutors executors,
      Leases leases,
      Bulkhead bulkhead,
      Barriers<K, V> barriers,
      EntryCodec<K, V> entryCodec,
      ScheduledReads<K, EntryReader.Raw> scheduledReads,
      Duration leaseTime,
      boolean isTold,
      Events<K> events,
      Failures<K> failures) {
    this.context = context;
    this.loads = loads;
    this.loaderCalls = loaderCalls;
    this.executors = executors;
    this.leases = leases;
    this.bulkhead = bulkhead;
    this.barriers = barriers;
    this.entryCodec = entryCodec;
    this.scheduledReads = scheduledReads;
    this.leaseRules =
        new LeaseWaits.Rules(context.environment(), context.patience(), leaseTime, isTold);
    this.events = events;
    this.failures = failures;
  }

  /** Counts a miss of a reader, and returns how it goes on. */
  Miss of(Reader<K, V> reader) {
    events.missed(reader.key);
    return new Miss(reader);
  }

  /** The miss of one reader, until the reader has its answer. Only steps of the reader use it. */
  final class Miss {
    final Reader<K, V> reader;
    final Waits waits;
    final LeaseWaits leaseWaits;
    private final EntryKey<K> key;
    private final ReadOptions options;
    private int unusable;
    private @Nullable Load<K, V> announced;

    Miss(Reader<K, V> reader) {
      this.reader = reader;
      this.key = reader.key;
      this.options = reader.options;
      this.waits = new Waits(reader, context.environment(), context.patience());
      this.leaseWaits = new LeaseWaits(reader, waits, leaseRules);
    }

    void recheck() {
      waits.recheck();
    }

    /** Notes a load that is given up if a step of the reader throws before the load begins. */
    void announced(Load<K, V> load) {
      announced = load;
    }

    /** Gives up what has not begun, because a step of the reader threw. */
    void crashed() {
      Load<K, V> mine = announced;
      if (mine != null && !mine.hasBegun()) {
        mine.abandon();
      }
    }

    // ---- Load where nothing is, or in the place of something ----------------------------------

    /** Loads under a lease where nothing is. */
    void load(Snapshot snapshot) {
      if (options.isUncached()) {
        loadAround(null);
      } else if (checkNotRejected()) {
        Load<K, V> load = announceLoad(snapshot);
        reader.ask(
            "lease",
            store -> Leases.ask(store, load.heldLease()),
            (state, failure) -> onLease(load, state, failure));
      }
    }

    /** Takes an entry out by its id and puts the lease of a new load in its place. */
    void replace(Snapshot snapshot) {
      if (options.isUncached()) {
        loadAround(null);
      } else if (checkNotRejected()) {
        Load<K, V> load = announceLoad(snapshot);
        Lease lease = load.heldLease();
        reader.ask(
            "lease",
            store -> store.swap(key.text(), snapshot.entry().stamp(), lease.state(), lease.ttl()),
            (swapped, failure) -> onReplaced(load, swapped, failure));
      }
    }

    /** Fails a reader whose load would find no place. */
    private boolean checkNotRejected() {
      boolean rejected = !reader.nested && bulkhead.isExhausted();
      if (rejected) {
        reader.loadFailed(failures.rejected(key));
      }
      return !rejected;
    }

    /** Creates a load under a new lease, which is yet to be asked for. */
    private Load<K, V> announceLoad(Snapshot snapshot) {
      Entry found = snapshot.entry();
      int failed = found.is(Entry.Kind.FAILURE) ? found.failures() : 0;
      Lease lease = leases.create(key, failed, snapshot.tags());
      Load<K, V> load = loads.create(key, new Grant.OnMiss(lease, snapshot.tags()));
      announced(load);
      loads.announce(load);
      return load;
    }

    private void onLease(
        Load<K, V> load, byte @Nullable [] state, @Nullable StoreException failure) {
      if (failure != null) {
        load.abandon();
        loadAround(null);
      } else if (state != null) {
        onRefused(load, entryCodec.parse(key, state));
      } else {
        granted(load);
      }
    }

    /**
     * Goes on with what is there instead of the lease. That may be this very lease: the reply to a
     * first attempt may have been lost.
     */
    private void onRefused(Load<K, V> load, Entry entry) {
      if (load.heldLease().is(entry)) {
        granted(load);
        return;
      }
      load.discard();
      if (reader.asksForMore() && !entry.is(Entry.Kind.FOREIGN)) {
        reader.read();
      } else {
        reader.decide(Snapshot.at(entry));
      }
    }

    private void onReplaced(
        Load<K, V> load, @Nullable Boolean swapped, @Nullable StoreException failure) {
      if (failure != null) {
        onLease(load, null, failure);
      } else if (Boolean.TRUE.equals(swapped)) {
        granted(load);
      } else {
        load.discard();
        readAgain();
      }
    }

    /** Begins the load whose lease was granted, unless its timer has ended it before that. */
    void granted(Load<K, V> load) {
      if (!reader.mayGoOn()) {
        load.abandon();
      } else if (load.isEnded()) {
        load.release();
        readAgain();
      } else {
        own(load);
        load.begin();
        owned(load);
      }
    }

    /** The load is this reader's; it wants the result until its caller leaves. */
    private void own(Load<K, V> load) {
      reader.whenLeft(load::leave);
    }

    /** Runs a load that has begun and is this reader's. */
    private void owned(Load<K, V> load) {
      if (reader.isRunWithOthers(load)) {
        await(load);
      } else {
        run(load);
      }
    }

    private void run(Load<K, V> load) {
      loaderCalls.run(load, reader.source, reader.caller, loaders(), reader.nested, options);
      await(load);
    }

    /** A caller that has something stale to go on with must not be kept busy by its loader. */
    private Executor loaders() {
      return reader.isImpatient()
          ? executors.background(reader.caller)
          : executors.of(reader.caller);
    }

    private void await(Load<K, V> load) {
      reader.waits();
      waits.forOwn(
          load.ownResult(),
          (value, failure) -> {
            if (failure == null) {
              reader.loaded(value);
            } else {
              reader.loadFailed(failure);
            }
          });
      reader.limitStaleWait();
    }

    /** Takes out bytes that have no id. */
    void remove() {
      events.decodeFailed(key, new CodecException("The bytes are no entry of this key"));
      reader.ask(
          "remove",
          store -> store.remove(key.text()),
          (removed, failure) -> {
            if (failure != null) {
              loadAround(null);
            } else {
              readAgain();
            }
          });
    }

    /** Reads again because others were faster; not for ever. */
    void readAgain() {
      if (++unusable < MAX_UNUSABLE) {
        reader.read();
      } else {
        loadAround(null);
      }
    }

    void readIfAllowed() {
      if (reader.mayGoOn()) {
        reader.read();
      }
    }

    /** Loads what is not stored under this key, so that nobody waits for the load of another. */
    void loadUnshared(Snapshot pass) {
      if (options.isUncached()) {
        loadAround(null);
      } else if (checkNotRejected()) {
        Load<K, V> load = loads.create(key, new Grant.UnderPass(pass.entry(), pass.tags()));
        limit(pass);
        own(load);
        loads.beginUnshared(load);
        owned(load);
      }
    }

    /** Sees to it that a barrier or a pass that was found ends. */
    private void limit(@Nullable Snapshot found) {
      if (found != null) {
        context
            .guard()
            .send(
                "expire",
                reader.caller.batch(),
                store -> barriers.limit(store, key, found),
                answer -> true,
                (limited, failure) -> {});
      }
    }

    // ---- Somebody else loads it ---------------------------------------------------------------

    /** Shares the load whose lease was found, or takes it over. */
    void shareLoad(Snapshot snapshot) {
      Entry lease = snapshot.entry();
      Load<K, V> local = loads.find(lease.id());
      boolean mayBeOlder = local == null || !local.beganAfter(reader.arrivedNanos);
      if (local == null && leaseWaits.isSilent(lease)) {
        replace(snapshot);
      } else if (waits.areOver()) {
        reader.loadFailed(failures.loadTimeout(key));
      } else if (options.isForced() && mayBeOlder) {
        replace(snapshot);
      } else if (local != null) {
        join(local);
      } else if (leaseWaits.wereInVain(lease)) {
        loadAround(null);
      } else {
        waitFor(snapshot);
      }
    }

    /** Shares what a load brings. */
    void join(Load<K, V> load) {
      reader.waits();
      waits.setBound();
      load.join();
      Runnable leave = reader.whenLeft(load::leave);
      waits.forOthers(
          load.outcome(),
          (outcome, failure) -> onOutcome(outcome),
          () -> {
            load.endIfOverdue();
            leave.run();
            readIfAllowed();
          });
      reader.limitStaleWait();
    }

    private void onOutcome(@Nullable LoadOutcome<V> outcome) {
      if (reader.result.isDone()) {
        return;
      }
      if (outcome instanceof LoadOutcome.Value<V> loaded) {
        reader.joined(loaded.value());
      } else if (outcome instanceof LoadOutcome.Failure<V> failed) {
        reader.loadFailed(failures.load(key, failed.failure()));
      } else {
        readIfAllowed();
      }
    }

    private void waitFor(Snapshot snapshot) {
      LeaseWatch current = leaseWaits.on(snapshot.entry());
      if (current.isDead(snapshot.entry())) {
        replace(snapshot);
      } else {
        reader.waits();
        ReadEpochs seen = snapshot.readEpochs();
        waits.forOthers(
            scheduledReads.after(
                current.delayAfter(snapshot), key, seen == null ? null : seen.key()),
            this::onPoll,
            this::readIfAllowed);
      }
    }

    /** Goes on with a read that was put off. */
    void onPoll(EntryReader.@Nullable Raw raw, @Nullable Throwable failure) {
      reader.onRaw(raw, failure == null ? null : GuardedStore.asStoreException("read", failure));
    }

    // ---- There is no store to ask -------------------------------------------------------------

    /**
     * Loads around the store, at most one at a time and one in waiting.
     *
     * @param behind the barrier that lets a value of a sufficient version be stored all the same
     */
    void loadAround(@Nullable Snapshot behind) {
      if (!reader.mayGoOn()) {
        return;
      }
      Snapshot barrier = options.isUncached() ? null : behind;
      Grant grant =
          barrier == null ? null : new Grant.BehindBarrier(barrier.entry(), barrier.tags());
      Load<K, V> load = loads.create(key, grant);
      Loads.Turns<K, V> turns = loads.enter(load, reader.arrivedNanos);
      Load<K, V> joinable = turns.joinable(reader.arrivedNanos);
      if (turns.running() == load) {
        own(load);
        limit(barrier);
        owned(load);
      } else if (waits.areOver()) {
        load.abandon();
        reader.loadFailed(failures.loadTimeout(key));
      } else if (joinable == load) {
        reader.waits();
        own(load);
        limit(barrier);
        awaitTurn(load, turns.running());
      } else if (joinable != null) {
        join(joinable);
      }
    }

    private void awaitTurn(Load<K, V> load, Load<K, V> running) {
      waits.forOthers(
          running.settled(),
          (done, failure) -> {
            if (!load.hasBegun()) {
              running.forget(); // which an Error may have prevented
            }
            myTurn(load);
          },
          () -> {
            running.endIfOverdue();
            myTurn(load);
          });
    }

    private void myTurn(Load<K, V> load) {
      if (!reader.mayGoOn()) {
        load.abandon();
      } else if (load.hasBegun()) {
        run(load);
      } else {
        load.abandon();
        reader.loadFailed(failures.loadTimeout(key));
      }
    }
  }
}
