package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Operations that change for how long an entry is kept, or is fresh. */
final class TtlChanges {
  private static final Duration LONGEST_TTL = Duration.ofSeconds(20);

  private final Scheduler scheduler;
  private final LoadBudget budget;
  private final Operations operations;
  private final Verdicts verdicts;

  TtlChanges(Scheduler scheduler, LoadBudget budget, Operations operations, Verdicts verdicts) {
    this.scheduler = scheduler;
    this.budget = budget;
    this.operations = operations;
    this.verdicts = verdicts;
  }

  void markStale(SimulatedProcess process, String key) {
    budget.allow(key, 1);
    track(process, "markStale", key, process.async().markStale(key));
  }

  void changeTtl(SimulatedProcess process, String key) {
    budget.allow(key, 1);
    CompletableFuture<Boolean> done =
        scheduler.chance(0.5)
            ? process.async().touch(key)
            : process.async().setTtl(key, scheduler.upTo(LONGEST_TTL).plusMillis(1));
    track(process, "ttl", key, done);
  }

  private void track(
      SimulatedProcess process, String how, String key, CompletableFuture<Boolean> done) {
    String what = process.host() + " " + how + " " + key;
    operations.track(
        process, what, done, (changed, failure) -> verdicts.checkWriteFailure(what, failure));
  }

  /** Changes a time to live while a load runs, if there is one. */
  void changeTtlMeanwhile(SimulatedProcess process, String key) {
    operations.within(Duration.ofMillis(30), () -> changeTtl(process.open(), key));
  }
}
