package io.cacheaside;

import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.CodecOverloadedException;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One {@code get}, top to bottom: read; on a hit judge, decode and return; on a miss lease, load,
 * fill; if somebody else holds the lease, join or wait, and look again.
 *
 * <p>The order of two things makes it correct. The state that authorises a load (a lease, or the
 * entry that is refreshed) is in the store before the loader begins, so that an invalidation after
 * the loader's read of the source takes it away and the fill is refused. And nobody joins a load
 * but after a read of their own that showed that state in place.
 */
class GetOperation<K, V> extends Operation<@Nullable V> {
  private static final int MAX_UNUSABLE = 3;

  final Engine<K, V> engine;
  final EntryKey<K> key;
  final ReadOptions options;
  final boolean nested;
  private final Source<K, V> source;
  private final boolean recursive;
  private Looks.Manner manner;
  private boolean missed;
  private boolean hasStandIn;
  private boolean mayGoEarly;
  private boolean readsAlone;
  private int unusable;
  private @Nullable EntryId seen;
  private @Nullable Watch watch;
  private @Nullable Load<K, V> announced;

  /** What it waits for, or waited for last. */
  private volatile @Nullable Wait<?> waiting;

  private Environment.@Nullable Timer bound;
  private volatile boolean boundReached;

  GetOperation(
      Engine<K, V> engine,
      Caller caller,
      EntryKey<K> key,
      Source<K, V> source,
      ReadOptions options) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.source = source;
    this.options = options;
    this.recursive = engine.loaders.isLoading(key);
    this.nested = engine.loaders.isLoading();
    this.manner = engine.looks.mannerOf(options);
  }

  @Override
  void start() {
    if (checkNotRecursive()) {
      look();
    }
  }

  /** Fails an operation that was called by the loader of its own key. */
  final boolean checkNotRecursive() {
    if (recursive) {
      fail(engine.failures.recursiveLoad(key));
    }
    return !recursive;
  }

  @Override
  final RuntimeException unchecked(Throwable failure) {
    return engine.failures.load(key, failure);
  }

  /** A step at which the operation knows what it will wait for. */
  void settled() {}

  // ---- Look -----------------------------------------------------------------------------------

  private void look() {
    if (mustReadAround()) {
      loadWithoutStore(null);
      return;
    }
    readsAlone = engine.grouped.enterAlone(key, manner == engine.looks.usualManner());
    if (!readsAlone) {
      ask("read", store -> engine.grouped.read(store, key), this::onRaw);
    } else if (asksForMore()) {
      ask("read", store -> engine.looks.ask(store, key, manner), this::onRawAlone);
    } else {
      ask("read", store -> store.read(key.text()), this::onStateAlone);
    }
  }

  private void onRawAlone(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
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
      engine.grouped.leaveAlone(key);
    }
  }

  /** Ends with the near value, if there is one that may be used. */
  final boolean isNear() {
    NearEntry<V> near = engine.nearValues.find(key.key(), options);
    if (near != null) {
      guarded(() -> succeed(engine.nearValues.handOut(key.key(), near)));
    }
    return near != null;
  }

  final boolean mustReadAround() {
    return engine.unconfirmed.covers(key) || (options.isForced() && options.isUncached());
  }

  final Looks.Manner manner() {
    return manner;
  }

  /** Returns whether a read brings more than the state of the key. */
  final boolean asksForMore() {
    return manner != Looks.Manner.PLAIN || engine.tags.areUsed();
  }

  private boolean isTimed() {
    return manner != Looks.Manner.PLAIN;
  }

  final void onState(byte @Nullable [] state, @Nullable StoreException failure) {
    if (failure != null) {
      loadWithoutStore(null);
    } else {
      decide(Look.at(engine.entries.parse(key, state)));
    }
  }

  final void onRaw(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
    if (raw == null || failure != null) {
      loadWithoutStore(null);
    } else {
      decide(engine.looks.read(key, raw));
    }
  }

  private void decide(Look look) {
    if (!mayGoOn()) {
      return;
    }
    switch (look.entry().kind()) {
      case VALUE, ABSENT -> cached(look);
      case NONE -> nothing(look);
      case LEASE -> loadedBySomebody(look);
      case OUTDATED -> replace(look);
      case NEWER -> loadWithoutStore(null);
      case BARRIER -> loadWithoutStore(look);
      case FAILURE -> failedBefore(look);
      case PASS -> pass(look);
      case FOREIGN, TAG -> remove();
    }
  }

  // ---- It is there ----------------------------------------------------------------------------

  private void cached(Look look) {
    if (look.entry().outlivesFreshness() && look.remaining() == null && !isTimed()) {
      manner = Looks.Manner.TIMED;
      look();
    } else {
      engine.looks.ifCurrent(
          this, look, this::judge, () -> outdated(look), unknown -> loadWithoutStore(null));
    }
  }

  private void judge(Look look) {
    switch (engine.freshness.judge(look, options)) {
      case FRESH -> hit(look, false);
      case EARLY, STALE -> hit(look, true);
      case EXPIRED -> reload(look);
    }
  }

  private void hit(Look look, boolean refresh) {
    if (look.entry().is(Entry.Kind.ABSENT)) {
      engine.nearValues.keep(key, null, look);
      found(null);
      return;
    }
    V value = engine.looks.decodeOr(key, look.entry(), failure -> unreadable(look, failure));
    if (value == null) {
      return;
    }
    if (refresh && !options.isUncached()) {
      refresh(look);
    }
    if (Freshness.isStale(look)) {
      engine.events.servedStale(key, look.age());
    }
    found(engine.nearValues.keep(key, value, look));
  }

  /** Lets an old value be loaded anew, for nobody waits for that. */
  void refresh(Look look) {
    engine.refreshes.begin(new Refreshes.Stale<>(key, look), source, options, caller);
  }

  private void found(@Nullable V value) {
    if (missed) {
      engine.events.coalesced();
    } else {
      engine.events.hit(key);
    }
    succeed(value);
  }

  private void missed() {
    if (!missed) {
      missed = true;
      engine.events.missed(key);
    }
  }

  // ---- It is not: lease, load, fill -----------------------------------------------------------

  private void nothing(Look look) {
    missed();
    if (options.isUncached()) {
      loadWithoutStore(null);
    } else if (checkNotRejected()) {
      askForLease(look);
    }
  }

  /** Fails an operation whose load would find no place. */
  private boolean checkNotRejected() {
    boolean rejected = !nested && engine.permits.isExhausted();
    if (rejected) {
      loadFailed(engine.failures.rejected(key));
    }
    return !rejected;
  }

  private void askForLease(Look look) {
    Load<K, V> load = announceLoad(look);
    ask("lease", store -> Leases.ask(store, load.heldLease()), (state, e) -> onLease(load, state, e));
  }

  /** Creates a load under a new lease, which is yet to be asked for. */
  private Load<K, V> announceLoad(Look look) {
    Entry found = look.entry();
    int failures = found.is(Entry.Kind.FAILURE) ? found.failures() : 0;
    Lease lease = engine.grants.newLease(key, failures, look.tags());
    Load<K, V> load = engine.loads.create(key, Grant.ofLease(lease, look.tags()));
    announced = load;
    engine.loads.announce(load);
    return load;
  }

  @Override
  void crashed(Throwable thrown) {
    leaveAlone();
    Load<K, V> mine = announced;
    if (mine != null && !mine.hasBegun()) {
      mine.abandon();
    }
  }

  private void onLease(Load<K, V> load, byte @Nullable [] state, @Nullable StoreException failure) {
    if (failure != null) {
      load.abandon();
      loadWithoutStore(null);
    } else if (state != null) {
      onRefused(load, engine.entries.parse(key, state));
    } else {
      granted(load);
    }
  }

  /** Somebody was faster; unless it was this very lease, whose first reply was lost on the way. */
  private void onRefused(Load<K, V> load, Entry entry) {
    if (load.heldLease().is(entry)) {
      granted(load);
      return;
    }
    load.discard();
    if (asksForMore() && !entry.is(Entry.Kind.FOREIGN)) {
      look();
    } else {
      decide(Look.at(entry));
    }
  }

  /** Begins a load that has its lease, unless that came later than others were to wait for it. */
  private void granted(Load<K, V> load) {
    if (!mayGoOn()) {
      load.abandon();
    } else if (load.isEnded()) {
      load.release();
      lookAgain();
    } else {
      own(load);
      load.begin();
      owned(load);
    }
  }

  /** The load has begun and is this operation's to run. */
  void owned(Load<K, V> load) {
    run(load);
  }

  /** The load is this operation's; it wants the result until its caller leaves. */
  final void own(Load<K, V> load) {
    whenLeft(load::leave);
  }

  private void run(Load<K, V> load) {
    engine.loaderCalls.run(load, source, caller, loaders(), nested, options);
    await(load);
  }

  /** A caller that has something stale to go on with must not be kept busy by its loader. */
  private Executor loaders() {
    return isImpatient()
        ? engine.loaderExecutors.background(caller)
        : engine.loaderExecutors.of(caller);
  }

  /** Returns whether the caller goes on with something stale after the soft timeout. */
  final boolean isImpatient() {
    return hasStandIn && engine.settings.loads().softTimeout() != null;
  }

  final void await(Load<K, V> load) {
    settled();
    new Wait<>(
            load.ownResult(),
            (value, failure) -> {
              if (failure == null) {
                succeed(engine.nearValues.copied(value));
              } else {
                loadFailed(failure);
              }
            },
            null)
        .begin();
    limitStaleWait();
  }

  // ---- Waiting --------------------------------------------------------------------------------

  /**
   * A wait for something. It ends once: with that, or, if others are to bring it, when this reader
   * has waited for its load timeout.
   */
  private final class Wait<T extends @Nullable Object> {
    private final CompletableFuture<T> stage;
    private final BiConsumer<@Nullable T, @Nullable Throwable> next;
    private final @Nullable Runnable otherwise;
    private final AtomicBoolean over = new AtomicBoolean();

    Wait(
        CompletableFuture<T> stage,
        BiConsumer<@Nullable T, @Nullable Throwable> next,
        @Nullable Runnable otherwise) {
      this.stage = stage;
      this.next = next;
      this.otherwise = otherwise;
    }

    void begin() {
      waiting = this;
      then(stage, this::end);
      if (boundReached) {
        giveUpSoon();
      }
    }

    private void end(@Nullable T value, @Nullable Throwable failure) {
      if (!over.getAndSet(true)) {
        next.accept(value, failure);
      }
    }

    /** Lets the reader go on without what it waits for; called by a timer. */
    void giveUpSoon() {
      if (otherwise != null && !over.get()) {
        try {
          caller.execute(this::giveUp);
        } catch (Throwable refused) {
          crash(refused);
        }
      }
    }

    private void giveUp() {
      if (otherwise != null && !over.getAndSet(true)) {
        guarded(otherwise);
      }
    }

    /** Goes on if that is due, and an {@code Error} has kept another thread from saying so. */
    void recheck() {
      if (stage.isDone()) {
        Stages.whenDone(stage, (value, failure) -> guarded(() -> end(value, failure)));
      } else if (hasWaitedLong()) {
        giveUp();
      }
    }
  }

  /**
   * Waits for what others bring, no longer than until the load timeout after this reader arrived.
   *
   * @param otherwise runs when that is over
   */
  private <T extends @Nullable Object> void awaitOthers(
      CompletableFuture<T> stage,
      BiConsumer<@Nullable T, @Nullable Throwable> next,
      Runnable otherwise) {
    setBound();
    new Wait<>(stage, next, otherwise).begin();
  }

  private void setBound() {
    if (bound == null) {
      Duration left = engine.settings.loads().timeout().minus(elapsed());
      Environment.Timer timer =
          engine.environment.schedule(left.isNegative() ? Duration.ZERO : left, this::reachBound);
      bound = timer;
      Stages.whenDone(result, (value, failure) -> timer.cancel());
    }
  }

  private void reachBound() {
    boundReached = true;
    Wait<?> current = waiting;
    if (current != null) {
      current.giveUpSoon();
    }
  }

  /** Returns whether this reader is not to wait for others any more. */
  private boolean hasWaitedLong() {
    return boundReached || isOverdue();
  }

  @Override
  void recheck() {
    Wait<?> current = waiting;
    if (current != null) {
      current.recheck();
    }
  }

  // ---- The load failed ------------------------------------------------------------------------

  private void loadFailed(Throwable failure) {
    if (result.isDone()) {
      return;
    }
    if (hasStandIn && mayBeStoodInFor(failure)) {
      lookForStandIn(() -> failWith(failure));
    } else {
      failWith(failure);
    }
  }

  private static boolean mayBeStoodInFor(Throwable failure) {
    return !(failure instanceof Error
        || failure instanceof WaitInterruptedException
        || failure instanceof InterruptedException
        || failure instanceof CancellationException);
  }

  private void failWith(Throwable failure) {
    if (engine.fallback != null && mayBeStoodInFor(failure) && mayGoOn()) {
      V value = engine.nearValues.copied(engine.fallback.apply(key.key()));
      engine.events.servedFallback(key);
      succeed(value);
    } else {
      fail(failure);
    }
  }

  /** Looks again before it hands out a stale value: it may have been invalidated meanwhile. */
  private void lookForStandIn(Runnable otherwise) {
    then(
        engine.staleReads.of(caller, key, options).begin(),
        (value, failure) -> {
          if (value == null) {
            otherwise.run();
          } else {
            succeed(value);
          }
        });
  }

  /** Lets a caller who has something stale to go on with go after the soft timeout. */
  private void limitStaleWait() {
    Duration softTimeout = engine.settings.loads().softTimeout();
    if (isImpatient() && softTimeout != null && !mayGoEarly) {
      mayGoEarly = true;
      Environment.Timer timer =
          engine.environment.schedule(
              softTimeout, () -> caller.execute(() -> guarded(() -> lookForStandIn(() -> {}))));
      Stages.whenDone(result, (value, failure) -> timer.cancel());
    }
  }

  // ---- What is there cannot be used -----------------------------------------------------------

  /**
   * Replaces an entry whose tags have other ids, if these were read after it. The first look reads
   * them together with the entry, from other servers perhaps, so they may be older than the entry;
   * the next look at the same entry shows later ones. Tags that a loader named are read afterwards.
   */
  private void outdated(Look look) {
    boolean isSure = engine.tags.areCurrent(look) || isSeenAgain(look);
    if (isSure || isOverdue()) {
      replace(look);
    } else {
      look();
    }
  }

  /** Takes an entry out by its id and puts the lease of a new load in its place. */
  private void replace(Look look) {
    missed();
    if (options.isUncached()) {
      loadWithoutStore(null);
      return;
    }
    if (!checkNotRejected()) {
      return;
    }
    Load<K, V> load = announceLoad(look);
    Lease lease = load.heldLease();
    ask(
        "lease",
        store -> store.swap(key.text(), look.entry().stamp(), lease.state(), lease.ttl()),
        (swapped, failure) -> onReplaced(load, swapped, failure));
  }

  private void onReplaced(
      Load<K, V> load, @Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      onLease(load, null, failure);
    } else if (Boolean.TRUE.equals(swapped)) {
      granted(load);
    } else {
      load.discard();
      lookAgain();
    }
  }

  /** Takes out bytes that have no id. */
  private void remove() {
    missed();
    engine.events.decodeFailed(key, new CodecException("The bytes are no entry of this key"));
    ask(
        "remove",
        store -> store.remove(key.text()),
        (removed, failure) -> {
          if (failure != null) {
            loadWithoutStore(null);
          } else {
            lookAgain();
          }
        });
  }

  private void lookAgain() {
    if (++unusable < MAX_UNUSABLE) {
      look();
    } else {
      loadWithoutStore(null);
    }
  }

  /** The load of somebody failed: shared by who waited for it, or by all while loads are held. */
  private void failedBefore(Look look) {
    missed();
    boolean ageIsSure = isSeenAgain(look);
    if (look.remaining() == null && !isTimed()) {
      manner = Looks.Manner.TIMED;
      look();
    } else if (concerns(look, false)) {
      loadFailed(engine.failures.shared(key, look.entry()));
    } else if (mayHoldBack(look) && !ageIsSure) {
      look();
    } else {
      replace(look);
    }
  }

  private boolean mayHoldBack(Look failure) {
    return !options.isForced()
        && !failure.entry().fresh().isZero()
        && !engine.backOff.longest(false).isZero();
  }

  /**
   * Returns whether the last look showed the same entry, and notes this one. The age of an entry
   * that was written while it was read may be that of the state before; the next look at the same
   * entry shows its own.
   */
  private boolean isSeenAgain(Look look) {
    EntryId id = look.entry().id();
    boolean again = id.equals(seen);
    seen = id;
    return again;
  }

  /**
   * Returns whether a failure is shared by this read: it waited for it, or loads are held back.
   *
   * @param ofRefresh whether there is an old value to go on with
   */
  private boolean concerns(Look failure, boolean ofRefresh) {
    boolean waitedForIt = watch != null && watch.isOn(failure.entry().failedLease());
    return !options.isForced() && (waitedForIt || engine.backOff.holdsBack(failure, ofRefresh));
  }

  /** What is loaded under this key is not stored, so nobody waits for the load of another. */
  private void pass(Look look) {
    missed();
    if (options.isUncached()) {
      loadWithoutStore(null);
    } else if (checkNotRejected()) {
      Load<K, V> load = engine.loads.create(key, Grant.ofPass(look.entry(), look.tags()));
      limit(look);
      own(load);
      engine.loads.beginUnshared(load);
      owned(load);
    }
  }

  /** Sees to it that a barrier or a pass that was found ends. */
  private void limit(@Nullable Look found) {
    if (found != null) {
      engine.guard.send(
          "expire",
          caller.batch(),
          store -> engine.barriers.limit(store, key, found),
          answer -> true,
          (limited, failure) -> {});
    }
  }

  // ---- It is too old, and stays while it is loaded anew ---------------------------------------

  private void reload(Look look) {
    missed();
    hasStandIn |= engine.freshness.mayStandIn(look, options);
    if (options.isUncached()) {
      loadWithoutStore(null);
      return;
    }
    loadInPlace(look, engine.loads.create(key, engine.grants.toRefresh(key, look)));
  }

  /**
   * What this program cannot read, another one has written and may still need: it stays, and what
   * is loaded joins it. Nothing joins what may have ended a hold-off by its version, which is not
   * known; so nobody waits for what others load then. What is only not read now stays as it is.
   * Damaged bytes are of use to none.
   */
  private void unreadable(Look look, CodecException failure) {
    if (failure instanceof CodecOverloadedException) {
      loadWithoutStore(null);
      return;
    }
    boolean isOfUse = look.entry().isIntact() && !Freshness.isStale(look);
    boolean isOfAHoldOff = isOfUse && engine.barriers.mayHaveEndedOne(look);
    if (isOfAHoldOff && look.remaining() == null && !isTimed()) {
      manner = Looks.Manner.TIMED;
      look();
    } else if (isOfAHoldOff) {
      loadWithoutStore(null);
    } else if (isOfUse && !options.isUncached()) {
      missed();
      loadInPlace(look, engine.loads.create(key, engine.grants.toShare(key, look)));
    } else {
      replace(look);
    }
  }

  /** Loads a key under a lease beside its entry, unless another load does so already. */
  private void loadInPlace(Look look, Load<K, V> mine) {
    announced = mine;
    Load<K, V> running = engine.loads.announceOrFind(mine);
    if (running == null) {
      claim(mine, isSeenAgain(look));
    } else if (hasWaitedLong()) {
      loadFailed(engine.failures.loadTimeout(key));
    } else if (mayShare(running, look)) {
      join(running);
    } else if (!options.isForced() && isOfAHoldOff(running)) {
      loadWithoutStore(null);
    } else {
      settled();
      awaitOthers(
          running.outcome(),
          (outcome, failure) -> lookIfAllowed(),
          () -> {
            running.endIfOverdue();
            lookIfAllowed();
          });
    }
  }

  /**
   * Returns whether the result of a refresh that was found is new enough for this read. The tags
   * that its loader will name are not known; so none may have been invalidated since it began.
   */
  private boolean mayShare(Load<K, V> refresh, Look look) {
    TagIds before = refresh.heldGrant().tags();
    boolean hasToBeginLater = options.isForced() || isOfAHoldOff(refresh);
    return Objects.equals(before.any(), look.tags().any())
        && (!hasToBeginLater || refresh.beganAfter(arrivedNanos));
  }

  /**
   * Returns whether a refresh began within a hold-off that a version has ended. What it loads may
   * be older than that version, and is not for those who came after it began.
   */
  private static boolean isOfAHoldOff(Load<?, ?> refresh) {
    return refresh.heldGrant().barrier();
  }

  private void lookIfAllowed() {
    if (mayGoOn()) {
      look();
    }
  }

  private void claim(Load<K, V> load, boolean ageIsSure) {
    goOnWith(engine.claims.of(caller, load, ageIsSure), answer -> onClaim(load, answer));
  }

  private void takeOver(Load<K, V> load, Entry dead) {
    goOnWith(engine.claims.insteadOf(dead, caller, load), answer -> onClaim(load, answer));
  }

  private void onClaim(Load<K, V> load, Claims.Answer answer) {
    if (answer instanceof Claims.Answer.Granted) {
      granted(load);
    } else if (answer instanceof Claims.Answer.Taken taken) {
      refreshedBySomebody(load, taken.inTheWay());
    } else if (answer instanceof Claims.Answer.Changed) {
      lookAgain();
    } else {
      load.abandon();
      loadWithoutStore(null);
    }
  }

  /** Another process refreshes the entry, or has tried to. */
  private void refreshedBySomebody(Load<K, V> load, Look inTheWay) {
    Entry other = inTheWay.entry();
    switch (other.kind()) {
      case LEASE -> {
        boolean inVain = hasWaitedInVain(other);
        Watch current = watchOn(other);
        if (options.isForced() || current.isDead(other) || isSilent(current, other)) {
          takeOver(load, other);
        } else if (hasWaitedLong()) {
          load.discard();
          loadFailed(engine.failures.loadTimeout(key));
        } else if (inVain) {
          load.discard();
          loadWithoutStore(null);
        } else {
          settled();
          limitStaleWait();
          awaitOthers(
              engine.reads.after(current.nextDelay(), key, null),
              (raw, e) -> claimAgain(load, raw, e),
              () -> {
                load.discard();
                lookIfAllowed();
              });
        }
      }
      case FAILURE -> {
        if (concerns(inTheWay, true)) {
          load.discard();
          loadFailed(engine.failures.shared(key, other));
        } else {
          takeOver(load, other);
        }
      }
      case OUTDATED -> takeOver(load, other);
      default -> {
        load.discard();
        loadWithoutStore(null);
      }
    }
  }

  private void claimAgain(Load<K, V> load, Looks.@Nullable Raw raw, @Nullable Throwable failure) {
    Look look = raw == null || failure != null ? null : engine.looks.read(key, raw);
    boolean wanted = !load.isEnded() && !caller.isGone() && !result.isDone();
    if (wanted && look != null && Claims.isFor(look.entry(), load)) {
      claim(load, false);
    } else {
      load.discard();
      onPoll(raw, failure);
    }
  }

  // ---- Somebody else loads it -----------------------------------------------------------------

  private void loadedBySomebody(Look look) {
    missed();
    if (!engine.tags.areCurrent(look)) {
      outdated(look);
      return;
    }
    Entry lease = look.entry();
    Load<K, V> local = engine.loads.find(lease.id());
    if (local == null && watch != null && watch.isOn(lease.id()) && isSilent(watch, lease)) {
      replace(look);
    } else if (hasWaitedLong()) {
      loadFailed(engine.failures.loadTimeout(key));
    } else if (options.isForced() && (local == null || !local.beganAfter(arrivedNanos))) {
      replace(look);
    } else if (local != null) {
      join(local);
    } else if (hasWaitedInVain(lease)) {
      loadWithoutStore(null);
    } else {
      waitFor(look);
    }
  }

  /**
   * Returns whether this reader has waited for the load of another process for half of its time or
   * longer, and that came to nothing for it. So may the next one; what it loads for itself does
   * not.
   */
  private boolean hasWaitedInVain(Entry nextLease) {
    return watch != null
        && !watch.isOn(nextLease.id())
        && elapsed().compareTo(engine.settings.loads().timeout().dividedBy(2)) >= 0;
  }

  private void join(Load<K, V> load) {
    settled();
    setBound();
    load.join();
    Runnable leave = whenLeft(load::leave);
    awaitOthers(
        load.outcome(),
        (outcome, failure) -> onOutcome(outcome),
        () -> {
          load.endIfOverdue();
          leave.run();
          lookIfAllowed();
        });
    limitStaleWait();
  }

  private void onOutcome(@Nullable Outcome<V> outcome) {
    if (result.isDone()) {
      return;
    }
    if (outcome instanceof Outcome.Loaded<V> loaded) {
      found(engine.nearValues.copied(loaded.value()));
    } else if (outcome instanceof Outcome.Failed<V> failed) {
      loadFailed(engine.failures.load(key, failed.failure()));
    } else {
      lookIfAllowed();
    }
  }

  private Watch watchOn(Entry lease) {
    Watch current = watch;
    if (current == null || !current.isOn(lease.id())) {
      current =
          new Watch(
              engine.environment,
              lease,
              engine.isTold,
              engine.settings.loads().timeout(),
              bound == null);
      watch = current;
    }
    return current;
  }

  /**
   * Returns whether a lease has shown no sign of life for as long as this reader may wait, and one
   * of this cache would have, whatever time the lease itself claims.
   */
  private boolean isSilent(Watch current, Entry lease) {
    return hasWaitedLong()
        && elapsed().compareTo(engine.settings.loads().leaseTime()) >= 0
        && current.isSilent(lease);
  }

  private void waitFor(Look look) {
    Watch current = watchOn(look.entry());
    if (current.isDead(look.entry())) {
      replace(look);
    } else {
      settled();
      Sights seen = look.sights();
      awaitOthers(
          engine.reads.after(current.delayAfter(look), key, seen == null ? null : seen.key()),
          this::onPoll,
          this::lookIfAllowed);
    }
  }

  private void onPoll(Looks.@Nullable Raw raw, @Nullable Throwable failure) {
    onRaw(raw, failure == null ? null : Guard.asStoreException("read", failure));
  }

  // ---- There is no store to ask ---------------------------------------------------------------

  /**
   * Loads around the cache, at most one at a time and one in waiting.
   *
   * @param behind the barrier that lets a value of a sufficient version be stored all the same
   */
  private void loadWithoutStore(@Nullable Look behind) {
    missed();
    if (!mayGoOn()) {
      return;
    }
    Look barrier = options.isUncached() ? null : behind;
    Load<K, V> load = engine.loads.create(key, barrier == null ? null : Grant.ofBarrier(barrier));
    Loads.Turns<K, V> turns = engine.loads.enter(load, arrivedNanos);
    Load<K, V> joinable = turns.joinable(arrivedNanos);
    if (turns.running() == load) {
      own(load);
      limit(barrier);
      owned(load);
    } else if (hasWaitedLong()) {
      load.abandon();
      loadFailed(engine.failures.loadTimeout(key));
    } else if (joinable == load) {
      settled();
      own(load);
      limit(barrier);
      awaitOthers(
          turns.running().settled(),
          (done, failure) -> {
            if (!load.hasBegun()) {
              turns.running().forget(); // which an Error may have prevented
            }
            myTurn(load);
          },
          () -> {
            turns.running().endIfOverdue();
            myTurn(load);
          });
    } else if (joinable != null) {
      join(joinable);
    }
  }

  private void myTurn(Load<K, V> load) {
    if (!mayGoOn()) {
      load.abandon();
    } else if (load.hasBegun()) {
      run(load);
    } else {
      load.abandon();
      loadFailed(engine.failures.loadTimeout(key));
    }
  }
}
