package io.cacheaside.internal.operation;

import io.cacheaside.ReadOptions;
import io.cacheaside.internal.lease.FailureBackoff;
import io.cacheaside.internal.read.Freshness;
import io.cacheaside.internal.read.Snapshot;

/**
 * Decides what a read does with what it has found, apart from doing it. Tags are looked at before
 * that.
 */
public final class ReadPlans {
  private final Freshness freshness;
  private final FailureBackoff failureBackoff;

  public ReadPlans(Freshness freshness, FailureBackoff failureBackoff) {
    this.freshness = freshness;
    this.failureBackoff = failureBackoff;
  }

  /**
   * Returns the plan.
   *
   * @param waitedForIt whether the read has waited for the load whose failure it has found
   */
  ReadPlan of(Snapshot found, ReadOptions options, boolean waitedForIt) {
    return switch (found.entry().kind()) {
      case VALUE, ABSENT -> ofAnswer(found, options);
      case NONE -> ReadPlan.LOAD;
      case LEASE -> ReadPlan.SHARE;
      case FAILURE ->
          isShared(found, options, waitedForIt, false) ? ReadPlan.FAIL : ReadPlan.LOAD_AGAIN;
      case PASS -> ReadPlan.LOAD_UNSHARED;
      case BARRIER -> ReadPlan.LOAD_BEHIND_BARRIER;
      case NEWER -> ReadPlan.LOAD_AROUND;
      case OUTDATED -> ReadPlan.REPLACE;
      case FOREIGN, TAG -> ReadPlan.REMOVE;
    };
  }

  private ReadPlan ofAnswer(Snapshot found, ReadOptions options) {
    return switch (freshness.judge(found, options)) {
      case FRESH -> ReadPlan.SERVE;
      case EARLY -> ReadPlan.SERVE_EARLY;
      case STALE -> ReadPlan.SERVE_STALE;
      case EXPIRED -> ReadPlan.RELOAD;
    };
  }

  /**
   * Returns whether a failure is shared by a read: it waited for it, or loads are held back.
   *
   * @param ofRefresh whether there is an old value to go on with
   */
  boolean isShared(Snapshot failure, ReadOptions options, boolean waitedForIt, boolean ofRefresh) {
    return !options.isForced() && (waitedForIt || failureBackoff.holdsBack(failure, ofRefresh));
  }

  /** Returns whether a failure may hold loads back, if it is not older than it seems. */
  boolean mayHoldBack(Snapshot failure, ReadOptions options) {
    return !options.isForced()
        && !failure.entry().fresh().isZero()
        && !failureBackoff.longest(false).isZero();
  }
}
