package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One refresh of an entry in the background, for a reader that has already got the old value.
 *
 * <p>A lease beside the entry makes it the only one of all processes. That lease is advisory: if it
 * is lost, the source is read once more; correctness rests on the id of the entry, which the result
 * replaces or nothing.
 */
final class Refresh<K, V> extends Operation<K, V, @Nullable Void> {
  private final EntryKey<K> key;
  private final Source<K, V> source;
  private final ReadOptions options;
  private final Look look;
  private final Executor loaders;

  Refresh(
      Engine<K, V> engine, EntryKey<K> key, Source<K, V> source, ReadOptions options, Look look) {
    super(engine, Caller.on(engine.executor));
    this.key = key;
    this.source = source;
    this.options = options;
    this.look = look;
    this.loaders = engine.background();
  }

  @Override
  void start() {
    Load<K, V> load = engine.newRefresh(key, look);
    Grant grant = Objects.requireNonNull(load.grant());
    boolean wanted = !engine.permits.isExhausted() && !engine.isClosed();
    if (wanted && engine.loads.announceOrFind(load, grant) == null) {
      ask("lease", store -> Leases.claim(store, load), (claim, e) -> onClaim(load, claim, e));
    } else {
      succeed(null);
    }
  }

  private void onClaim(
      Load<K, V> load, Leases.@Nullable Claim claim, @Nullable StoreException failure) {
    if (claim == null || failure != null) {
      load.abandon();
      succeed(null);
      return;
    }
    Look other = claim.other(engine.entries, load);
    boolean granted = claim.isGranted(load, other);
    if (granted && claim.stillThere()) {
      granted(load);
    } else if (granted) {
      load.abandon();
      succeed(null);
    } else if (claim.stillThere() && isOver(other)) {
      takeOver(load, other.entry());
    } else {
      load.discard();
      succeed(null);
    }
  }

  /** Returns whether what is in the way is only the trace of a refresh that came to nothing. */
  private static boolean isOver(Look other) {
    return other.entry().is(Entry.Kind.OUTDATED)
        || (other.entry().is(Entry.Kind.FAILURE) && !other.holdsBack());
  }

  private void takeOver(Load<K, V> load, Entry other) {
    Lease lease = load.heldLease();
    lease.continueAfter(other);
    ask(
        "lease",
        store -> store.swap(lease.key().text(), other.stamp(), lease.state(), lease.ttl()),
        (swapped, failure) -> {
          if (failure != null) {
            load.abandon();
            succeed(null);
          } else if (Boolean.TRUE.equals(swapped)) {
            granted(load);
          } else {
            load.discard();
            succeed(null);
          }
        });
  }

  private void granted(Load<K, V> load) {
    engine.events.refreshed(key);
    load.begin();
    load.run(source, caller, loaders, false, options);
    then(load.ownResult(), (value, failure) -> succeed(null));
  }
}
