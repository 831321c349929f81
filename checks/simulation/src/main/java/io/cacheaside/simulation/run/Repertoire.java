package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.World;

/** What processes can do, and what follows from it: each part is built on those before it. */
record Repertoire(
    TtlChanges ttlChanges,
    Lookups lookups,
    Reads reads,
    Writes writes,
    Puts puts,
    WideWrites wideWrites,
    Failovers failovers) {

  static Repertoire of(
      World world,
      Source source,
      Oracle oracle,
      LoadBudget budget,
      Loaders loaders,
      Operations operations,
      Verdicts verdicts,
      Timeline timeline) {
    Scheduler scheduler = world.scheduler();
    Features features = world.features();
    Processes processes = world.processes();
    var ttlChanges = new TtlChanges(scheduler, budget, operations, verdicts);
    var lookups = new Lookups(scheduler, oracle, loaders, operations, verdicts);
    var reads =
        new Reads(scheduler, features, oracle, budget, loaders, operations, verdicts, ttlChanges);
    var witnesses = new Witnesses(scheduler, features, processes, reads);
    var aftermath = new Aftermath(scheduler, oracle, verdicts, reads, lookups, witnesses);
    var writes =
        new Writes(scheduler, features, source, processes, operations, aftermath, witnesses);
    var puts =
        new Puts(scheduler, features, source, oracle, operations, verdicts, aftermath, writes);
    var failovers = new Failovers(scheduler, world.cluster(), oracle, processes, reads, timeline);
    var wideWrites =
        new WideWrites(
            scheduler, features, source, budget, operations, aftermath, lookups, failovers);
    return new Repertoire(ttlChanges, lookups, reads, writes, puts, wideWrites, failovers);
  }
}
