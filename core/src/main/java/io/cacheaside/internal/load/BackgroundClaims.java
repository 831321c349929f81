package io.cacheaside.internal.load;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.lease.FailureBackoff;
import io.cacheaside.internal.lease.Grant;
import io.cacheaside.internal.lease.RefreshClaims;
import io.cacheaside.internal.lease.RefreshGrants;
import io.cacheaside.internal.read.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether an entry may be refreshed in the background: the result is a load that has begun, or
 * null if somebody else refreshes the entry, if it has changed, or if there is no place for loads.
 */
public final class BackgroundClaims<K, V> {
  private final Operation.Context context;
  private final RefreshGrants<K, V> grants;
  private final Loads<K, V> loads;
  private final RefreshClaims<K, V> claims;
  private final Bulkhead bulkhead;
  private final FailureBackoff failureBackoff;
  private final Events<K> events;

  public BackgroundClaims(
      Operation.Context context,
      RefreshGrants<K, V> grants,
      Loads<K, V> loads,
      RefreshClaims<K, V> claims,
      Bulkhead bulkhead,
      FailureBackoff failureBackoff,
      Events<K> events) {
    this.context = context;
    this.grants = grants;
    this.loads = loads;
    this.claims = claims;
    this.bulkhead = bulkhead;
    this.failureBackoff = failureBackoff;
    this.events = events;
  }

  /** Returns a claim to the refresh of an entry that was seen. */
  Operation<@Nullable Load<K, V>> of(Caller caller, EntryKey<K> key, Snapshot snapshot) {
    return new BackgroundClaim(caller, key, snapshot);
  }

  private final class BackgroundClaim extends Operation<@Nullable Load<K, V>> {
    private final EntryKey<K> key;
    private final Snapshot snapshot;
    private @Nullable Load<K, V> announced;

    BackgroundClaim(Caller caller, EntryKey<K> key, Snapshot snapshot) {
      super(context, caller);
      this.key = key;
      this.snapshot = snapshot;
    }

    @Override
    protected void start() {
      Grant.OnRefresh grant = grants.toRefresh(key, snapshot);
      Load<K, V> load = loads.create(key, grant);
      announced = load;
      boolean wanted = !bulkhead.isExhausted() && !context.lifecycle().isClosed();
      if (wanted && loads.announceOrFind(load) == null) {
        goOnWith(
            claims.of(caller, key, grant, false, load::discard),
            answer -> onClaim(load, grant, answer));
      } else {
        succeed(null);
      }
    }

    /** Reports what was thrown, which no caller gets to see. */
    @Override
    protected void crashed(Throwable thrown) {
      try {
        if (announced != null) {
          announced.refused(thrown);
        }
      } finally {
        events.loadFailed(key, elapsed(), thrown);
      }
    }

    private void onClaim(Load<K, V> load, Grant.OnRefresh grant, RefreshClaims.Answer answer) {
      if (answer instanceof RefreshClaims.Answer.Granted && load.isEnded()) {
        load.release();
        succeed(null);
      } else if (answer instanceof RefreshClaims.Answer.Granted) {
        events.refreshed(key);
        load.begin();
        succeed(load);
      } else if (answer instanceof RefreshClaims.Answer.Taken taken && isOver(taken.inTheWay())) {
        goOnWith(
            claims.insteadOf(taken.inTheWay().entry(), caller, key, grant, load::discard),
            next -> onClaim(load, grant, next));
      } else {
        load.discard();
        succeed(null);
      }
    }

    /** Returns whether what is in the way is only the trace of a refresh that came to nothing. */
    private boolean isOver(Snapshot other) {
      return other.entry().is(Entry.Kind.OUTDATED)
          || (other.entry().is(Entry.Kind.FAILURE) && !failureBackoff.holdsBack(other, true));
    }
  }
}
