package io.cacheaside.simulation.run;

import io.cacheaside.ReadOptions;
import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.oracle.Reading;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.List;

/** Operations that read keys, and load them if need be. */
final class Reads {
  private final Scheduler scheduler;
  private final Features features;
  private final Oracle oracle;
  private final LoadBudget budget;
  private final Loaders loaders;
  private final Operations operations;
  private final Verdicts verdicts;
  private final TtlChanges ttlChanges;

  Reads(
      Scheduler scheduler,
      Features features,
      Oracle oracle,
      LoadBudget budget,
      Loaders loaders,
      Operations operations,
      Verdicts verdicts,
      TtlChanges ttlChanges) {
    this.scheduler = scheduler;
    this.features = features;
    this.oracle = oracle;
    this.budget = budget;
    this.loaders = loaders;
    this.operations = operations;
    this.verdicts = verdicts;
    this.ttlChanges = ttlChanges;
  }

  // ---- Of one key -------------------------------------------------------------------------------

  /** Reads a key in any way. */
  void get(SimulatedProcess process, String key) {
    get(process, key, ReadKind.any(scheduler));
    if (scheduler.chance(0.1)) {
      ttlChanges.changeTtlMeanwhile(process, key);
    }
  }

  /** Loads a key, whatever is cached. */
  void forceRefresh(SimulatedProcess process, String key) {
    operations.now(() -> get(process, key, ReadKind.FORCED));
  }

  private void get(SimulatedProcess process, String key, ReadKind kind) {
    long begunNanos = scheduler.nowNanos();
    ReadOptions options = kind.options(scheduler, features);
    if (kind == ReadKind.YOUNG || kind == ReadKind.FORCED) {
      budget.allow(key, 1);
    }
    Oracle.Least least = leastOf(process, key, kind.asksTheStore());
    Reading reading = new Reading(scheduler, oracle, process.host(), key, least, impatientNanos());
    String what = process.host() + " get " + key + " (" + least + ")";
    operations.track(
        process,
        what,
        process.async().getWithContext(key, options, reading.with(loaders.of(process, key))),
        (value, failure) -> {
          if (failure == null) {
            verdicts.check(what, key, value, reading::brokenBy);
          } else {
            verdicts.checkGetFailure(what, failure, key, begunNanos);
          }
          if (features.near() && scheduler.chance(0.4)) {
            getWithin(features.maxStaleness(), process, key);
          }
        });
  }

  /** Returns when a read that begins now may go on with something stale. */
  private long impatientNanos() {
    return features.stale()
        ? scheduler.nowNanos() + Features.SOFT_TIMEOUT.toNanos()
        : Long.MAX_VALUE;
  }

  private Oracle.Least leastOf(SimulatedProcess process, String key, boolean asksTheStore) {
    return asksTheStore || !features.near()
        ? oracle.leastOf(process.host(), key, scheduler.nowNanos())
        : oracle.leastNearOf(
            process.host(),
            key,
            scheduler.nowNanos() - features.maxStaleness().toNanos(),
            scheduler.nowNanos());
  }

  // ---- Of all keys ------------------------------------------------------------------------------

  void getAll(SimulatedProcess process) {
    long begunNanos = scheduler.nowNanos();
    Oracle.Least leastA = leastOf(process, "a", false);
    Oracle.Least leastB = leastOf(process, "b", false);
    String what = process.host() + " getAll (" + leastA + ", " + leastB + ")";
    operations.track(
        process,
        what,
        process.async().getAll(bulkKeys(), loaders.bulk(process)),
        (values, failure) -> {
          if (failure == null) {
            verdicts.check(what, "a", values.get("a"), leastA::brokenBy);
            if (bulkKeys().contains("b")) {
              verdicts.check(what, "b", values.get("b"), leastB::brokenBy);
            }
          } else {
            verdicts.checkGetAllFailure(what, failure, begunNanos);
          }
        });
  }

  /** A bulk loader names no tags, so it does not load what has to have one. */
  private List<String> bulkKeys() {
    return features.tags() ? List.of("a") : Source.KEYS;
  }

  // ---- Further ones -----------------------------------------------------------------------------

  /** Lets a process read a key, unless there were too many of these reads. */
  void getWithin(Duration delay, SimulatedProcess process, String key) {
    operations.furtherWithin(delay, () -> get(process.open(), key));
  }

  /** Lets a process read a key as most callers do. */
  void getByDefaultWithin(Duration delay, SimulatedProcess process, String key) {
    operations.furtherWithin(delay, () -> get(process.open(), key, ReadKind.DEFAULT));
  }

  /** Returns whether a read that begins now ends with a near value. */
  boolean isNear(SimulatedProcess process, String key) {
    long before = process.nearHits();
    operations.now(() -> get(process, key, ReadKind.DEFAULT));
    return process.nearHits() > before;
  }
}
