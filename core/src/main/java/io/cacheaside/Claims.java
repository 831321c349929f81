package io.cacheaside;

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
final class Claims<K, V> {
  private final Operation.Context context;
  private final Entries<K, V> entries;

  Claims(Operation.Context context, Entries<K, V> entries) {
    this.context = context;
    this.entries = entries;
  }

  /** What has become of a claim. Unless it is granted or taken, its load has ended. */
  sealed interface Answer {
    /** The load may begin. */
    record Granted() implements Answer {}

    /**
     * Somebody else has the lease, or has left a note there. The load is only announced.
     *
     * @param inTheWay what is there
     */
    record Taken(Look inTheWay) implements Answer {}

    /** The entry is not what it was, or not as old as it seemed, or others were faster. */
    record Changed() implements Answer {}

    /** The store failed. */
    record Failed() implements Answer {}
  }

  /**
   * Returns a claim to a lease that nobody holds, as far as is known.
   *
   * @param ageIsSure whether the age of the entry is known to be its own
   */
  Operation<Answer> of(Caller caller, Load<K, V> load, boolean ageIsSure) {
    return new Claim(caller, load, null, ageIsSure);
  }

  /** Returns a claim to the place of a lease that is dead, or of a note of a failure. */
  Operation<Answer> insteadOf(Entry dead, Caller caller, Load<K, V> load) {
    return new Claim(caller, load, dead, true);
  }

  private final class Claim extends Operation<Answer> {
    private final Load<K, V> load;
    private final @Nullable Entry dead;
    private final boolean ageIsSure;

    Claim(Caller caller, Load<K, V> load, @Nullable Entry dead, boolean ageIsSure) {
      super(context, caller);
      this.load = load;
      this.dead = dead;
      this.ageIsSure = ageIsSure;
    }

    @Override
    void start() {
      if (dead == null) {
        ask("lease", store -> claim(store, load, ageIsSure), this::onClaim);
      } else {
        takeOver(dead);
      }
    }

    private void onClaim(@Nullable Reply claim, @Nullable StoreException failure) {
      if (claim == null || failure != null) {
        abandon(new Answer.Failed());
        return;
      }
      Look other = claim.other(entries, load);
      boolean granted = claim.isGranted(load, other);
      if (!granted && !belongsThere(other.entry())) {
        remove(load.heldLease().key());
      } else if (granted && claim.stillThere()) {
        confirm();
      } else if (granted) {
        abandon(new Answer.Changed());
      } else if (claim.stillThere()) {
        succeed(new Answer.Taken(other));
      } else {
        changed();
      }
    }

    /**
     * Looks at the entry once more: lease and entry may be on two nodes, and then the first look
     * may be older than the grant, and older than the end of another refresh.
     */
    private void confirm() {
      ask("lease", store -> isStillThere(store, load, ageIsSure), this::onConfirmed);
    }

    private void onConfirmed(@Nullable Boolean stillThere, @Nullable StoreException failure) {
      if (failure != null) {
        abandon(new Answer.Failed());
      } else if (Boolean.TRUE.equals(stillThere)) {
        succeed(new Answer.Granted());
      } else {
        abandon(new Answer.Changed());
      }
    }

    private void abandon(Answer answer) {
      load.abandon();
      succeed(answer);
    }

    private void changed() {
      load.discard();
      succeed(new Answer.Changed());
    }

    /** Returns whether something is what a claim may find, and not put there by somebody else. */
    private static boolean belongsThere(Entry other) {
      return switch (other.kind()) {
        case NONE, LEASE, FAILURE, OUTDATED, NEWER -> true;
        default -> false;
      };
    }

    private void remove(EntryKey<?> beside) {
      ask("remove", store -> store.remove(beside.text()), (removed, failure) -> changed());
    }

    private void takeOver(Entry other) {
      Lease lease = load.heldLease();
      lease.continueAfter(other);
      ask(
          "lease",
          store -> store.swap(lease.key().text(), other.stamp(), lease.state(), lease.ttl()),
          this::onTakenOver);
    }

    private void onTakenOver(@Nullable Boolean swapped, @Nullable StoreException failure) {
      if (failure != null) {
        abandon(new Answer.Failed());
      } else if (Boolean.TRUE.equals(swapped)) {
        succeed(new Answer.Granted());
      } else {
        changed();
      }
    }
  }

  /**
   * The answer to a claim.
   *
   * @param refused what was there instead of the lease; null if it was granted
   * @param inTheWay the same a moment later, with its remaining time
   * @param stillThere whether the entry to be refreshed {@linkplain #isStillThere is still there}
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Reply(
      byte @Nullable [] refused, @Nullable TimedState inTheWay, boolean stillThere) {

    Reply withEntry(boolean isStillThere) {
      return new Reply(refused, inTheWay, isStillThere);
    }

    boolean isGranted(Load<?, ?> load, Look other) {
      return refused == null || load.heldLease().is(other.entry());
    }

    /** Returns what is in the way of the lease, if it was refused. */
    Look other(Entries<?, ?> entries, Load<?, ?> load) {
      byte[] state = refused == null || inTheWay == null ? refused : inTheWay.bytes();
      Duration remaining = inTheWay == null ? Duration.ZERO : inTheWay.remaining();
      return new Look(entries.parse(load.heldLease().key(), state), remaining, TagIds.NONE, null);
    }
  }

  /**
   * Asks for the lease of a refresh, and looks at its entry again.
   *
   * @param ageIsSure whether the age of the entry is known to be its own
   */
  private static CompletionStage<Reply> claim(Store store, Load<?, ?> load, boolean ageIsSure) {
    CompletableFuture<CompletionStage<Reply>> claimed = new CompletableFuture<>();
    StoreBatch.together(
        store,
        () -> {
          CompletionStage<byte @Nullable []> refused = Leases.ask(store, load.heldLease());
          CompletionStage<@Nullable TimedState> inTheWay =
              store.readTimed(load.heldLease().key().text(), Integer.MAX_VALUE);
          CompletionStage<Boolean> stillThere = isStillThere(store, load, ageIsSure);
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
  private static CompletionStage<Boolean> isStillThere(
      Store store, Load<?, ?> load, boolean ageIsSure) {
    Grant grant = load.heldGrant();
    return store
        .readTimed(load.key().text(), Entry.STAMP_BYTES)
        .thenApply(
            now ->
                now != null
                    && Arrays.equals(now.bytes(), grant.stamp())
                    && (ageIsSure || !grant.onlySeemedOld(now.remaining())));
  }

  /** Returns whether an entry is still the one that a load was to replace. */
  static boolean isFor(Entry entry, Load<?, ?> load) {
    return entry.isAnswer() && entry.id().equals(load.heldGrant().id());
  }
}
