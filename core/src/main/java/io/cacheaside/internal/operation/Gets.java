package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.CodecOverloadedException;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.invalidate.ReplayQueue;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.RecursionGuard;
import io.cacheaside.internal.load.Refreshes;
import io.cacheaside.internal.load.Source;
import io.cacheaside.internal.near.NearEntry;
import io.cacheaside.internal.near.NearValues;
import io.cacheaside.internal.read.CoalescedReads;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.internal.read.ValueReader;
import io.cacheaside.store.StoreException;
import org.jspecify.annotations.Nullable;

/** Reads keys: returns what is cached, or goes on with a {@link Misses miss}. */
public final class Gets<K, V> {
  private final Operation.Context context;
  private final EntryReader<K, V> entryReader;
  private final ValueReader<K, V> valueReader;
  private final CoalescedReads<K, EntryReader.Raw> coalescedReads;
  private final Tags<K> tags;
  private final NearValues<K, V> nearValues;
  private final ReplayQueue<K> replayQueue;
  private final Barriers<K, V> barriers;
  private final Freshness freshness;
  private final ReadPlans plans;
  private final Misses<K, V> misses;
  private final Reloads<K, V> reloads;
  private final StandIns<K, V> standIns;
  private final Refreshes<K, V> refreshes;
  private final RecursionGuard loading;
  private final Events<K> events;
  private final Failures<K> failures;

  public Gets(
      Operation.Context context,
      EntryReader<K, V> entryReader,
      ValueReader<K, V> valueReader,
      CoalescedReads<K, EntryReader.Raw> coalescedReads,
      Tags<K> tags,
      NearValues<K, V> nearValues,
      ReplayQueue<K> replayQueue,
      Barriers<K, V> barriers,
      Freshness freshness,
      ReadPlans plans,
      Misses<K, V> misses,
      Reloads<K, V> reloads,
      StandIns<K, V> standIns,
      Refreshes<K, V> refreshes,
      RecursionGuard loading,
      Events<K> events,
      Failures<K> failures) {
    this.context = context;
    this.entryReader = entryReader;
    this.valueReader = valueReader;
    this.coalescedReads = coalescedReads;
    this.tags = tags;
    this.nearValues = nearValues;
    this.replayQueue = replayQueue;
    this.barriers = barriers;
    this.freshness = freshness;
    this.plans = plans;
    this.misses = misses;
    this.reloads = reloads;
    this.standIns = standIns;
    this.refreshes = refreshes;
    this.loading = loading;
    this.events = events;
    this.failures = failures;
  }

  /** Returns a {@code get}. */
  Get of(Caller caller, EntryKey<K> key, Source<K, V> source, ReadOptions options) {
    return new Get(caller, key, source, options, null);
  }

  /** Returns the read of one of many keys. */
  Get of(
      Caller caller,
      EntryKey<K> key,
      Source<K, V> source,
      ReadOptions options,
      OtherReads<K, V> others) {
    return new Get(caller, key, source, options, others);
  }

  /** One {@code get}: reads the key, decides by what it found, and returns it or misses. */
  final class Get extends Reader<K, V> {
    private final boolean recursive;
    private final @Nullable OtherReads<K, V> others;
    private EntryReader.Manner manner;
    private boolean readsAlone;
    private @Nullable EntryId seen;

    /** Null until something else than a load may be of use. */
    private StandIns<K, V>.@Nullable StandIn standIn;

    /** Null until the read has missed. Other threads may recheck it. */
    private volatile Misses<K, V>.@Nullable Miss miss;

    private Get(
        Caller caller,
        EntryKey<K> key,
        Source<K, V> source,
        ReadOptions options,
        @Nullable OtherReads<K, V> others) {
      super(context, caller, key, source, options, loading.isLoading());
      this.recursive = loading.isLoading(key);
      this.others = others;
      this.manner = entryReader.mannerOf(options);
    }

    @Override
    protected void start() {
      if (checkNotRecursive()) {
        read();
      }
    }

    /** Fails an operation that was called by the loader of its own key. */
    boolean checkNotRecursive() {
      if (recursive) {
        fail(failures.recursiveLoad(key));
      }
      return !recursive;
    }

    @Override
    protected RuntimeException unchecked(Throwable failure) {
      return failures.load(key, failure);
    }

    private Misses<K, V>.Miss miss() {
      Misses<K, V>.Miss current = miss;
      if (current == null) {
        current = misses.of(this);
        miss = current;
      }
      return current;
    }

    @Override
    public void recheck() {
      Misses<K, V>.Miss current = miss;
      if (current != null) {
        current.recheck();
      }
    }

    @Override
    protected void crashed(Throwable thrown) {
      leaveAlone();
      Misses<K, V>.Miss current = miss;
      if (current != null) {
        current.crashed();
      }
    }

    // ---- Read ---------------------------------------------------------------------------------

    @Override
    void read() {
      if (mustReadAround()) {
        miss().loadAround(null);
        return;
      }
      readsAlone = coalescedReads.enterAlone(key, manner == entryReader.usualManner());
      if (!readsAlone) {
        ask("read", store -> coalescedReads.read(store, key), this::onRaw);
      } else if (asksForMore()) {
        ask("read", store -> entryReader.ask(store, key, manner), this::onRawAlone);
      } else {
        ask("read", store -> store.read(key.text()), this::onStateAlone);
      }
    }

    private void onRawAlone(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      leaveAlone();
      onRaw(raw, failure);
    }

    private void onStateAlone(byte @Nullable [] state, @Nullable StoreException failure) {
      leaveAlone();
      onState(state, failure);
    }

    private void leaveAlone() {
      if (readsAlone) {
        readsAlone = false;
        coalescedReads.leaveAlone(key);
      }
    }

    /** Ends with the near value, if there is one that may be used. */
    boolean isNear() {
      NearEntry<V> near = nearValues.find(key.key(), options);
      if (near != null) {
        guarded(() -> succeed(nearValues.handOut(key.key(), near)));
      }
      return near != null;
    }

    boolean mustReadAround() {
      return replayQueue.covers(key) || (options.isForced() && options.isUncached());
    }

    EntryReader.Manner manner() {
      return manner;
    }

    @Override
    boolean asksForMore() {
      return manner != EntryReader.Manner.PLAIN || tags.areUsed();
    }

    private boolean isTimed() {
      return manner != EntryReader.Manner.PLAIN;
    }

    /** Reads again, at the age of the entry, too. */
    private void readTimed() {
      manner = EntryReader.Manner.TIMED;
      read();
    }

    void onState(byte @Nullable [] state, @Nullable StoreException failure) {
      if (failure != null) {
        miss().loadAround(null);
      } else {
        decide(entryReader.read(key, state));
      }
    }

    @Override
    void onRaw(EntryReader.@Nullable Raw raw, @Nullable StoreException failure) {
      if (raw == null || failure != null) {
        miss().loadAround(null);
      } else {
        decide(entryReader.read(key, raw));
      }
    }

    // ---- Decide -------------------------------------------------------------------------------

    @Override
    void decide(Snapshot snapshot) {
      if (!mayGoOn()) {
        return;
      }
      switch (snapshot.entry().kind()) {
        case VALUE, ABSENT -> answered(snapshot);
        case LEASE -> leased(snapshot);
        case FAILURE -> failedBefore(snapshot);
        default -> follow(plans.of(snapshot, options, false), snapshot);
      }
    }

    private void follow(ReadPlan plan, Snapshot snapshot) {
      switch (plan) {
        case SERVE -> hit(snapshot, false);
        case SERVE_EARLY, SERVE_STALE -> hit(snapshot, true);
        case RELOAD -> reload(snapshot);
        case LOAD -> miss().load(snapshot);
        case SHARE -> miss().shareLoad(snapshot);
        case FAIL -> {
          miss();
          loadFailed(failures.shared(key, snapshot.entry()));
        }
        case LOAD_AGAIN, REPLACE -> miss().replace(snapshot);
        case LOAD_UNSHARED -> miss().loadUnshared(snapshot);
        case LOAD_BEHIND_BARRIER -> miss().loadAround(snapshot);
        case LOAD_AROUND -> miss().loadAround(null);
        case REMOVE -> miss().remove();
      }
    }

    private void answered(Snapshot snapshot) {
      if (snapshot.entry().outlivesFreshness() && snapshot.remaining() == null && !isTimed()) {
        readTimed();
      } else {
        entryReader.ifCurrent(
            this,
            snapshot,
            current -> follow(plans.of(current, options, false), current),
            () -> outdated(snapshot),
            unknown -> miss().loadAround(null));
      }
    }

    private void leased(Snapshot snapshot) {
      Misses<K, V>.Miss current = miss();
      if (tags.areCurrent(snapshot)) {
        current.shareLoad(snapshot);
      } else {
        outdated(snapshot);
      }
    }

    /**
     * Replaces an entry whose tags have other ids, if these were read after it. The first read
     * reads them together with the entry, from other servers perhaps, so they may be older than the
     * entry; the next read at the same entry shows later ones. Tags that a loader named are read
     * afterwards.
     */
    private void outdated(Snapshot snapshot) {
      boolean isSure = tags.areCurrent(snapshot) || isSeenAgain(snapshot);
      if (isSure || isOverdue()) {
        miss().replace(snapshot);
      } else {
        read();
      }
    }

    /** A load failed. Its waiters share that, and so do all reads while loads are held back. */
    private void failedBefore(Snapshot snapshot) {
      Misses<K, V>.Miss current = miss();
      boolean ageIsSure = isSeenAgain(snapshot);
      if (snapshot.remaining() == null && !isTimed()) {
        readTimed();
        return;
      }
      ReadPlan plan = plans.of(snapshot, options, current.leaseWaits.areFor(snapshot.entry()));
      if (plan == ReadPlan.LOAD_AGAIN && plans.mayHoldBack(snapshot, options) && !ageIsSure) {
        read();
      } else {
        follow(plan, snapshot);
      }
    }

    /**
     * Returns whether the last read showed the same entry, and notes this one. The age of an entry
     * that was written while it was read may be that of the state before; the next read at the same
     * entry shows its own.
     */
    private boolean isSeenAgain(Snapshot snapshot) {
      EntryId id = snapshot.entry().id();
      boolean again = id.equals(seen);
      seen = id;
      return again;
    }

    // ---- It is there --------------------------------------------------------------------------

    private void hit(Snapshot snapshot, boolean refresh) {
      if (snapshot.entry().is(Entry.Kind.ABSENT)) {
        nearValues.keep(key, null, snapshot);
        found(null);
        return;
      }
      V value =
          valueReader.decodeOr(key, snapshot.entry(), failure -> unreadable(snapshot, failure));
      if (value == null) {
        return;
      }
      if (refresh && !options.isUncached()) {
        refresh(new Refreshes.Stale<>(key, snapshot));
      }
      if (snapshot.isStale()) {
        events.servedStale(key, snapshot.age());
      }
      found(nearValues.keep(key, value, snapshot));
    }

    private void refresh(Refreshes.Stale<K> stale) {
      if (others == null || !others.take(stale)) {
        refreshes.begin(stale, source, options, caller);
      }
    }

    private void found(@Nullable V value) {
      if (miss == null) {
        events.hit(key);
      } else {
        events.coalesced();
      }
      succeed(value);
    }

    @Override
    void joined(@Nullable V value) {
      found(nearValues.copied(value));
    }

    @Override
    void loaded(@Nullable V value) {
      succeed(nearValues.copied(value));
    }

    @Override
    boolean isRunWithOthers(Load<K, V> load) {
      return others != null && others.take(load);
    }

    @Override
    void waits() {
      if (others != null) {
        others.waits();
      }
    }

    // ---- It is too old, or of no use to this program --------------------------------------------

    private void reload(Snapshot snapshot) {
      Misses<K, V>.Miss current = miss();
      if (freshness.mayStandIn(snapshot, options)) {
        standIn().hasStale();
      }
      boolean ageIsSure = isSeenAgain(snapshot);
      if (options.isUncached()) {
        current.loadAround(null);
      } else {
        reloads.reload(current, snapshot, ageIsSure);
      }
    }

    /**
     * What this program cannot read, another one has written and may still need: it stays, and what
     * is loaded joins it. Nothing joins what may have ended a hold-off by its version, which is not
     * known; so nobody waits for what others load then. What is only not read now stays as it is.
     * Damaged bytes are of use to none.
     */
    private void unreadable(Snapshot snapshot, CodecException failure) {
      if (failure instanceof CodecOverloadedException) {
        miss().loadAround(null);
        return;
      }
      boolean isOfUse = snapshot.entry().isIntact() && !snapshot.isStale();
      boolean isOfAHoldOff = isOfUse && barriers.mayHaveEndedOne(snapshot);
      if (isOfAHoldOff && snapshot.remaining() == null && !isTimed()) {
        readTimed();
      } else if (isOfAHoldOff) {
        miss().loadAround(null);
      } else if (isOfUse && !options.isUncached()) {
        reloads.share(miss(), snapshot, isSeenAgain(snapshot));
      } else {
        miss().replace(snapshot);
      }
    }

    private StandIns<K, V>.StandIn standIn() {
      StandIns<K, V>.StandIn current = standIn;
      if (current == null) {
        current = standIns.of(this);
        standIn = current;
      }
      return current;
    }

    @Override
    void loadFailed(Throwable failure) {
      standIn().insteadOf(failure);
    }

    @Override
    boolean isImpatient() {
      return standIn != null && standIn.isImpatient();
    }

    @Override
    void limitStaleWait() {
      if (standIn != null) {
        standIn.limitWait();
      }
    }
  }
}
