package io.cacheaside.simulation.run;

import io.cacheaside.Lookup;
import io.cacheaside.simulation.oracle.Broken;
import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Operations that show what the store has and load nothing, and reads of another cache. */
final class Lookups {
  private final Scheduler scheduler;
  private final Oracle oracle;
  private final Loaders loaders;
  private final Operations operations;
  private final Verdicts verdicts;

  Lookups(
      Scheduler scheduler,
      Oracle oracle,
      Loaders loaders,
      Operations operations,
      Verdicts verdicts) {
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.loaders = loaders;
    this.operations = operations;
    this.verdicts = verdicts;
  }

  /** What a lookup shows is no older than what a strict read may return. */
  void lookup(SimulatedProcess process, String key) {
    Oracle.Least least = oracle.leastOf(process.host(), key, scheduler.nowNanos());
    String what = process.host() + " lookup " + key + " (" + least + ")";
    operations.track(
        process,
        what,
        process.async().lookup(key),
        (found, failure) -> {
          if (failure != null) {
            verdicts.checkReadFailure(what, failure);
          } else if (found instanceof Lookup.Hit<String> hit) {
            verdicts.check(what, key, hit.cached(), least::brokenBy);
          } else if (found instanceof Lookup.Stale<String> old) {
            verdicts.check(what, key, old.stale(), least::brokenBy);
          } else if (found instanceof Lookup.AbsentInSource<String>) {
            verdicts.check(what, key, null, least::brokenBy);
          }
        });
  }

  void lookupSoon(SimulatedProcess process, String key) {
    operations.within(Duration.ofMillis(5), () -> lookup(process.open(), key));
  }

  void explain(SimulatedProcess process, String key) {
    look(process, "explain " + key, process.async().explain(key));
  }

  void remainingTtl(SimulatedProcess process, String key) {
    look(process, "remainingTtl " + key, process.async().remainingTtl(key));
  }

  private void look(SimulatedProcess process, String how, CompletableFuture<?> look) {
    String what = process.host() + " " + how;
    operations.track(
        process,
        what,
        look,
        (seen, failure) -> {
          if (failure != null) {
            verdicts.checkReadFailure(what, failure);
          }
        });
  }

  /**
   * Reads the same key of another cache, whose source never changes and which nobody invalidates.
   */
  void readNeighbour(SimulatedProcess process, String key) {
    String what = process.host() + " get neighbour's " + key;
    operations.track(
        process,
        what,
        process.neighbour().get(key, loaders.neighbour(process)),
        (value, failure) -> {
          if (failure != null) {
            verdicts.checkReadFailure(what, failure);
          } else if (!Loaders.neighbourValue(key).equals(value)) {
            throw new Broken("G8", what + " returned " + value);
          }
        });
  }
}
