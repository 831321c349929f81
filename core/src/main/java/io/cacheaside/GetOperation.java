package io.cacheaside;

import io.cacheaside.codec.CodecException;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One {@code get}, top to bottom: read; on a hit decode and return; on a miss lease, load, fill; if
 * somebody else holds the lease, join or wait, and look again.
 *
 * <p>The order of two things makes it correct. The lease is granted before the loader begins, so
 * that an invalidation after the loader's read of the source takes the lease away and the fill is
 * refused. And nobody joins a load but after a read of their own that showed its lease in place.
 */
class GetOperation<K, V> extends Operation<K, V, @Nullable V> {
  private static final int MAX_UNUSABLE = 3;

  final EntryKey<K> key;
  private final Source<K, V> source;
  private final Duration ttl;
  private final boolean recursive;
  private boolean missed;
  private int unusable;
  private @Nullable Watch watch;

  GetOperation(
      Engine<K, V> engine, Caller caller, EntryKey<K> key, Source<K, V> source, Duration ttl) {
    super(engine, caller);
    this.key = key;
    this.source = source;
    this.ttl = ttl;
    this.recursive = engine.loaders.isLoading(key);
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
      fail(engine.recursiveLoadOf(key));
    }
    return !recursive;
  }

  private void look() {
    ask("read", store -> store.read(key.text()), this::onRead);
  }

  final void onRead(byte @Nullable [] state, @Nullable StoreException failure) {
    if (failure != null) {
      loadWithoutStore();
    } else {
      decide(engine.entries.parse(key, state));
    }
  }

  private void decide(Entry entry) {
    if (mayGoOn()) {
      switch (entry.kind()) {
        case VALUE -> hit(entry);
        case ABSENT -> found(null);
        case NONE -> nothing();
        case LEASE -> loadedBySomebody(entry);
        case OUTDATED -> replace(entry);
        case NEWER -> loadWithoutStore();
        case FOREIGN -> remove();
      }
    }
  }

  // ---- It is there ----------------------------------------------------------------------------

  private void hit(Entry entry) {
    V value = engine.decodeOrNull(key, entry);
    if (value == null) {
      replace(entry);
    } else {
      found(value);
    }
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

  private void nothing() {
    missed();
    askForLease();
  }

  void askForLease() {
    Load<K, V> load = announceLoad();
    ask("lease", store -> lease(store, load), (state, e) -> onLease(load, state, e));
  }

  final Load<K, V> announceLoad() {
    Lease lease = engine.entries.newLease(key, engine.settings.leaseTime());
    Load<K, V> load = new Load<>(engine, key, lease);
    engine.loads.announce(load, lease);
    return load;
  }

  static CompletionStage<byte @Nullable []> lease(Store store, Load<?, ?> load) {
    Lease lease = load.heldLease();
    return store.putIfAbsent(load.key().text(), lease.state(), lease.ttl());
  }

  final void onLease(Load<K, V> load, byte @Nullable [] state, @Nullable StoreException failure) {
    if (failure != null) {
      load.abandon();
      loadWithoutStore();
    } else if (state != null) {
      onRefused(load, engine.entries.parse(key, state));
    } else {
      granted(load);
    }
  }

  /** Somebody was faster; unless it was this very lease, whose first reply was lost on the way. */
  private void onRefused(Load<K, V> load, Entry entry) {
    if (entry.is(Entry.Kind.LEASE) && entry.id().equals(load.heldLease().id())) {
      granted(load);
    } else {
      load.discard();
      decide(entry);
    }
  }

  private void granted(Load<K, V> load) {
    if (mayGoOn()) {
      load.begin();
      owned(load);
    } else {
      load.abandon();
    }
  }

  /** The load has begun and is this operation's to run. */
  void owned(Load<K, V> load) {
    load.run(source, caller, ttl);
    await(load);
  }

  final void await(Load<K, V> load) {
    then(
        load.ownResult(),
        (value, failure) -> {
          if (failure == null) {
            succeed(value);
          } else {
            fail(failure);
          }
        });
  }

  // ---- What is there cannot be used -----------------------------------------------------------

  /** Takes an entry out by its id and puts the lease of a new load in its place. */
  private void replace(Entry entry) {
    missed();
    Load<K, V> load = announceLoad();
    Lease lease = load.heldLease();
    ask(
        "lease",
        store -> store.swap(key.text(), entry.stamp(), lease.state(), lease.ttl()),
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
            loadWithoutStore();
          } else {
            lookAgain();
          }
        });
  }

  private void lookAgain() {
    if (++unusable < MAX_UNUSABLE) {
      look();
    } else {
      loadWithoutStore();
    }
  }

  // ---- Somebody else loads it -----------------------------------------------------------------

  private void loadedBySomebody(Entry lease) {
    missed();
    Load<K, V> local = engine.loads.find(lease.id());
    if (isOverdue()) {
      fail(engine.loadTimeoutOf(key));
    } else if (local != null) {
      join(local);
    } else {
      waitFor(lease);
    }
  }

  private void join(Load<K, V> load) {
    then(load.outcome(), (outcome, failure) -> onOutcome(outcome));
  }

  private void onOutcome(@Nullable Outcome<V> outcome) {
    if (outcome instanceof Outcome.Loaded<V> loaded) {
      found(loaded.value());
    } else if (outcome instanceof Outcome.Failed<V> failed) {
      fail(engine.loadFailureOf(key, failed.failure()));
    } else if (mayGoOn()) {
      look();
    }
  }

  private void waitFor(Entry lease) {
    Watch current = watch;
    if (current == null || !current.isOn(lease)) {
      current = new Watch(engine.environment, lease);
      watch = current;
    }
    if (current.isDead(lease)) {
      replace(lease);
    } else {
      then(engine.reads.after(current.nextDelay(), key.text()), this::onPoll);
    }
  }

  private void onPoll(byte @Nullable [] state, @Nullable Throwable failure) {
    onRead(state, failure == null ? null : Guard.asStoreException("read", failure));
  }

  // ---- There is no store to ask ---------------------------------------------------------------

  /** Loads around the cache, at most one at a time and one in waiting. */
  private void loadWithoutStore() {
    missed();
    if (!mayGoOn()) {
      return;
    }
    Load<K, V> load = new Load<>(engine, key, null);
    Loads.Turns<K, V> turns = engine.loads.enter(load, arrivedNanos);
    Load<K, V> joinable = turns.joinable(arrivedNanos);
    if (turns.running() == load) {
      owned(load);
    } else if (isOverdue()) {
      load.abandon();
      fail(engine.loadTimeoutOf(key));
    } else if (joinable == load) {
      then(turns.running().outcome(), (outcome, failure) -> myTurn(load));
    } else if (joinable != null) {
      join(joinable);
    }
  }

  private void myTurn(Load<K, V> load) {
    if (mayGoOn()) {
      owned(load);
    } else {
      load.abandon();
    }
  }
}
