package io.cacheaside.internal.operation;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.lease.Grant;
import io.cacheaside.internal.lease.LeaseWatch;
import io.cacheaside.internal.lease.RefreshClaims;
import io.cacheaside.internal.lease.RefreshGrants;
import io.cacheaside.internal.load.Load;
import io.cacheaside.internal.load.Loads;
import io.cacheaside.internal.read.EntryReader;
import io.cacheaside.internal.read.ScheduledReads;
import io.cacheaside.internal.read.Snapshot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Loads keys while their entries stay where they are, for reads that those are too old for, or that
 * cannot read them: under a lease beside the entry, or by sharing the load of another.
 */
public final class Reloads<K, V> {
  private final Loads<K, V> loads;
  private final RefreshGrants<K, V> grants;
  private final RefreshClaims<K, V> claims;
  private final ReadPlans plans;
  private final EntryReader<K, V> entryReader;
  private final ScheduledReads<K, EntryReader.Raw> scheduledReads;
  private final Failures<K> failures;

  public Reloads(
      Loads<K, V> loads,
      RefreshGrants<K, V> grants,
      RefreshClaims<K, V> claims,
      ReadPlans plans,
      EntryReader<K, V> entryReader,
      ScheduledReads<K, EntryReader.Raw> scheduledReads,
      Failures<K> failures) {
    this.loads = loads;
    this.grants = grants;
    this.claims = claims;
    this.plans = plans;
    this.entryReader = entryReader;
    this.scheduledReads = scheduledReads;
    this.failures = failures;
  }

  /**
   * Loads in the place of an entry.
   *
   * @param ageIsSure whether the age of the entry is known to be its own
   */
  void reload(Misses<K, V>.Miss miss, Snapshot snapshot, boolean ageIsSure) {
    begin(miss, snapshot, grants.toRefresh(miss.reader.key, snapshot), ageIsSure);
  }

  /**
   * Loads beside an entry that this program cannot read.
   *
   * @param ageIsSure whether the age of the entry is known to be its own
   */
  void share(Misses<K, V>.Miss miss, Snapshot snapshot, boolean ageIsSure) {
    begin(miss, snapshot, grants.toJoin(miss.reader.key, snapshot), ageIsSure);
  }

  private void begin(
      Misses<K, V>.Miss miss, Snapshot snapshot, Grant.OnRefresh grant, boolean ageIsSure) {
    new Reload(miss, grant).begin(snapshot, ageIsSure);
  }

  /** One attempt to load a key in the place of its entry. */
  private final class Reload {
    private final Misses<K, V>.Miss miss;
    private final Reader<K, V> reader;
    private final Grant.OnRefresh grant;
    private final Load<K, V> load;

    Reload(Misses<K, V>.Miss miss, Grant.OnRefresh grant) {
      this.miss = miss;
      this.reader = miss.reader;
      this.grant = grant;
      this.load = loads.create(reader.key, grant);
    }

    /** Loads, unless another load of this process does so already. */
    void begin(Snapshot snapshot, boolean ageIsSure) {
      miss.announced(load);
      Load<K, V> running = loads.announceOrFind(load);
      if (running == null) {
        claim(ageIsSure);
      } else if (miss.waits.areOver()) {
        reader.loadFailed(failures.loadTimeout(reader.key));
      } else if (mayShare(running, snapshot)) {
        miss.join(running);
      } else if (!reader.options.isForced() && isOfAHoldOff(running)) {
        miss.loadAround(null);
      } else {
        await(running);
      }
    }

    private void await(Load<K, V> running) {
      reader.waits();
      miss.waits.forOthers(
          running.outcome(),
          (outcome, failure) -> miss.readIfAllowed(),
          () -> {
            running.endIfOverdue();
            miss.readIfAllowed();
          });
    }

    /**
     * Returns whether the result of a refresh that was found is new enough for this read. The tags
     * that its loader will name are not known; so none may have been invalidated since it began.
     */
    private boolean mayShare(Load<K, V> refresh, Snapshot snapshot) {
      boolean hasToBeginLater = reader.options.isForced() || isOfAHoldOff(refresh);
      return Objects.equals(refresh.heldGrant().tags().any(), snapshot.tags().any())
          && (!hasToBeginLater || refresh.beganAfter(reader.arrivedNanos));
    }

    /**
     * Returns whether a refresh began within a hold-off that a version has ended. What it loads may
     * be older than that version, and is not for those who came after it began.
     */
    private boolean isOfAHoldOff(Load<K, V> refresh) {
      return refresh.heldGrant().admission() instanceof Grant.Admission.AtLeast;
    }

    private void claim(boolean ageIsSure) {
      reader.goOnWith(
          claims.of(reader.caller, reader.key, grant, ageIsSure, load::discard), this::onClaim);
    }

    private void takeOver(Entry dead) {
      reader.goOnWith(
          claims.insteadOf(dead, reader.caller, reader.key, grant, load::discard), this::onClaim);
    }

    private void onClaim(RefreshClaims.Answer answer) {
      if (answer instanceof RefreshClaims.Answer.Granted) {
        miss.granted(load);
      } else if (answer instanceof RefreshClaims.Answer.Taken taken) {
        refreshedBySomebody(taken.inTheWay());
      } else if (answer instanceof RefreshClaims.Answer.Changed) {
        miss.readAgain();
      } else {
        miss.loadAround(null);
      }
    }

    /** Another process refreshes the entry, or has tried to. */
    private void refreshedBySomebody(Snapshot inTheWay) {
      Entry other = inTheWay.entry();
      switch (other.kind()) {
        case LEASE -> awaitRefresh(other);
        case FAILURE -> {
          if (plans.isShared(inTheWay, reader.options, miss.leaseWaits.areFor(other), true)) {
            load.discard();
            reader.loadFailed(failures.shared(reader.key, other));
          } else {
            takeOver(other);
          }
        }
        case OUTDATED -> takeOver(other);
        default -> {
          load.discard();
          miss.loadAround(null);
        }
      }
    }

    private void awaitRefresh(Entry lease) {
      boolean inVain = miss.leaseWaits.wereInVain(lease);
      LeaseWatch watch = miss.leaseWaits.on(lease);
      if (reader.options.isForced() || watch.isDead(lease) || miss.leaseWaits.isSilent(lease)) {
        takeOver(lease);
      } else if (miss.waits.areOver()) {
        load.discard();
        reader.loadFailed(failures.loadTimeout(reader.key));
      } else if (inVain) {
        load.discard();
        miss.loadAround(null);
      } else {
        reader.waits();
        reader.limitStaleWait();
        miss.waits.forOthers(
            scheduledReads.after(watch.nextDelay(), reader.key, null),
            this::claimAgain,
            () -> {
              load.discard();
              miss.readIfAllowed();
            });
      }
    }

    private void claimAgain(EntryReader.@Nullable Raw raw, @Nullable Throwable failure) {
      Snapshot snapshot = raw == null || failure != null ? null : entryReader.read(reader.key, raw);
      boolean wanted = !load.isEnded() && !reader.caller.isGone() && !reader.result.isDone();
      if (wanted && snapshot != null && grant.replaces(snapshot.entry())) {
        claim(false);
      } else {
        load.discard();
        miss.onPoll(raw, failure);
      }
    }
  }
}
