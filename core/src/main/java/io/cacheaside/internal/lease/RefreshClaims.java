package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.StoreBatch;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the lease beside an entry that is to be loaded anew while it stays where it is.
 *
 * <p>That lease makes the load the only one of all processes. It is advisory: if it is lost, the
 * source is read once more; correctness rests on the id of the entry, which the result replaces or
 * nothing.
 */
public final class RefreshClaims<K, V> {
  private final Operation.Context context;
  private final EntryCodec<K, V> entryCodec;
  private final Leases leases;

  public RefreshClaims(Operation.Context context, EntryCodec<K, V> entryCodec, Leases leases) {
    this.context = context;
    this.entryCodec = entryCodec;
    this.leases = leases;
  }

  /** What has become of a claim. A lease that it may have left behind has been given back. */
  public sealed interface Answer {
    /** The load may begin. */
    record Granted() implements Answer {}

    /**
     * Somebody else has the lease, or has left a note there.
     *
     * @param inTheWay what is there
     */
    record Taken(Snapshot inTheWay) implements Answer {}

    /** The entry is not what it was, or not as old as it seemed, or others were faster. */
    record Changed() implements Answer {}

    /** The store failed. */
    record Failed() implements Answer {}
  }

  /**
   * Returns a claim to a lease that nobody holds, as far as is known.
   *
   * @param key the key of the entry
   * @param ageIsSure whether the age of the entry is known to be its own
   * @param lost runs before the answer if that is that the claim has come to nothing
   */
  public Operation<Answer> of(
      Caller caller, EntryKey<K> key, Grant.OnRefresh grant, boolean ageIsSure, Runnable lost) {
    return new Claim(caller, key, grant, null, ageIsSure, lost);
  }

  /** Returns a claim to the place of a lease that is dead, or of a note of a failure. */
  public Operation<Answer> insteadOf(
      Entry dead, Caller caller, EntryKey<K> key, Grant.OnRefresh grant, Runnable lost) {
    return new Claim(caller, key, grant, dead, true, lost);
  }

  private final class Claim extends Operation<Answer> {
    private final EntryKey<K> key;
    private final Grant.OnRefresh grant;
    private final Lease lease;
    private final @Nullable Entry dead;
    private final boolean ageIsSure;
    private final Runnable lost;

    Claim(
        Caller caller,
        EntryKey<K> key,
        Grant.OnRefresh grant,
        @Nullable Entry dead,
        boolean ageIsSure,
        Runnable lost) {
      super(context, caller);
      this.key = key;
      this.grant = grant;
      this.lease = grant.lease();
      this.dead = dead;
      this.ageIsSure = ageIsSure;
      this.lost = lost;
    }

    @Override
    protected void start() {
      if (dead == null) {
        ask("lease", this::claim, this::onClaim);
      } else {
        takeOver(dead);
      }
    }

    /** Asks for the lease, and reads the entry again. */
    private CompletionStage<Reply> claim(Store store) {
      CompletableFuture<CompletionStage<Reply>> claimed = new CompletableFuture<>();
      StoreBatch.together(
          store,
          () -> {
            CompletionStage<byte @Nullable []> refused = Leases.ask(store, lease);
            CompletionStage<@Nullable TimedState> inTheWay =
                store.readTimed(lease.key().text(), Integer.MAX_VALUE);
            CompletionStage<Boolean> stillThere = isStillThere(store);
            claimed.complete(
                refused
                    .thenCombine(inTheWay, (state, timed) -> new Reply(state, timed, false))
                    .thenCombine(stillThere, Reply::withEntry));
          });
      return claimed.join();
    }

    /**
     * Returns whether the entry to be refreshed is still the one that was seen and, unless that is
     * sure, as old as it seemed: who reads it while it is written {@linkplain Store#readTimed may
     * see} the time that the state before it had left.
     */
    private CompletionStage<Boolean> isStillThere(Store store) {
      return store
          .readTimed(key.text(), Entry.STAMP_BYTES)
          .thenApply(
              now ->
                  now != null
                      && Arrays.equals(now.bytes(), grant.stamp())
                      && (ageIsSure || !grant.onlySeemedOld(now.remaining())));
    }

    private void onClaim(@Nullable Reply claim, @Nullable StoreException failure) {
      if (claim == null || failure != null) {
        giveUp(new Answer.Failed());
        return;
      }
      Snapshot other = claim.other(entryCodec, lease);
      boolean granted = claim.isGranted(lease, other);
      if (!granted && !belongsThere(other.entry())) {
        remove(lease.key());
      } else if (granted && claim.stillThere()) {
        confirm();
      } else if (granted) {
        giveUp(new Answer.Changed());
      } else if (claim.stillThere()) {
        succeed(new Answer.Taken(other));
      } else {
        lose(new Answer.Changed());
      }
    }

    /**
     * Reads the entry once more: lease and entry may be on two nodes, and then the first read may
     * be older than the grant, and older than the end of another refresh.
     */
    private void confirm() {
      ask("lease", this::isStillThere, this::onConfirmed);
    }

    private void onConfirmed(@Nullable Boolean stillThere, @Nullable StoreException failure) {
      if (failure != null) {
        giveUp(new Answer.Failed());
      } else if (Boolean.TRUE.equals(stillThere)) {
        succeed(new Answer.Granted());
      } else {
        giveUp(new Answer.Changed());
      }
    }

    /** Gives back the lease, which may have been granted. */
    private void giveUp(Answer answer) {
      leases.release(lease, null);
      lose(answer);
    }

    private void lose(Answer answer) {
      lost.run();
      succeed(answer);
    }

    /** Returns whether something is what a claim may find, and not put there by somebody else. */
    private static boolean belongsThere(Entry other) {
      return switch (other.kind()) {
        case NONE, LEASE, FAILURE, OUTDATED, NEWER -> true;
        default -> false;
      };
    }

    private void remove(EntryKey<?> beside) {
      ask(
          "remove",
          store -> store.remove(beside.text()),
          (removed, failure) -> lose(new Answer.Changed()));
    }

    private void takeOver(Entry other) {
      lease.continueAfter(other);
      ask(
          "lease",
          store -> store.swap(lease.key().text(), other.stamp(), lease.state(), lease.ttl()),
          this::onTakenOver);
    }

    private void onTakenOver(@Nullable Boolean swapped, @Nullable StoreException failure) {
      if (failure != null) {
        giveUp(new Answer.Failed());
      } else if (Boolean.TRUE.equals(swapped)) {
        succeed(new Answer.Granted());
      } else {
        lose(new Answer.Changed());
      }
    }
  }

  /**
   * The answer to a claim.
   *
   * @param refused what was there instead of the lease; null if it was granted
   * @param inTheWay the same a moment later, with its remaining time
   * @param stillThere whether the entry to be refreshed is still there
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Reply(
      byte @Nullable [] refused, @Nullable TimedState inTheWay, boolean stillThere) {

    Reply withEntry(boolean isStillThere) {
      return new Reply(refused, inTheWay, isStillThere);
    }

    boolean isGranted(Lease lease, Snapshot other) {
      return refused == null || lease.is(other.entry());
    }

    /** Returns what is in the way of the lease, if it was refused. */
    Snapshot other(EntryCodec<?, ?> entryCodec, Lease lease) {
      byte[] state = refused == null || inTheWay == null ? refused : inTheWay.bytes();
      Duration remaining = inTheWay == null ? Duration.ZERO : inTheWay.remaining();
      return new Snapshot(entryCodec.parse(lease.key(), state), remaining, TagIds.NONE, null);
    }
  }
}
