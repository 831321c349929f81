package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.Broken;
import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One run: random operations of three processes on two keys, random faults, and the oracle.
 *
 * <p>The source holds a version per key; the {@link Oracle} knows which a read may return. Every
 * operation must end (G4), values must be those of their key (G8), and no failure of the store may
 * come out of a read (G5).
 */
public final class Simulation {
  private static final int STEP_LIMIT = 200_000;

  private final long seed;
  private final Features features;
  private final Scheduler scheduler;
  private final Timeline timeline;
  private final Verdicts verdicts;
  private final Loaders loaders;
  private final Operations operations;
  private final Actor actor;
  private final Faults faults;
  private final @Nullable Illness illness;
  private final @Nullable RollingDeployment deployment;

  public Simulation(long seed) {
    this.seed = seed;
    World world = World.of(seed);
    scheduler = world.scheduler();
    features = world.features();
    timeline = new Timeline(scheduler);

    Oracle oracle = new Oracle(features.copies(), features.sourceLag());
    LoadBudget budget = new LoadBudget(SimulatedProcess.SHORTEST_TTL);
    Source source = new Source(scheduler, features, oracle, budget, timeline);
    HungLoads hung = new HungLoads(scheduler, features);
    verdicts = new Verdicts(features, world.cluster(), source, hung, world.sick());
    loaders =
        new Loaders(scheduler, features, source, budget, hung, world.sick(), verdicts, timeline);
    operations = new Operations(scheduler, verdicts, timeline);

    Repertoire repertoire =
        Repertoire.of(world, source, oracle, budget, loaders, operations, verdicts, timeline);
    Reads reads = repertoire.reads();
    actor = new Actor(world, source, repertoire, timeline);

    NodeFaults nodeFaults = new NodeFaults(scheduler, world.cluster(), world.processes(), timeline);
    Interruptions interruptions =
        new Interruptions(scheduler, features, source, reads, repertoire.writes(), timeline);
    faults =
        new Faults(world, operations, interruptions, repertoire.failovers(), nodeFaults, timeline);
    illness = world.sick() == null ? null : new Illness(world, world.sick(), nodeFaults, reads);
    deployment =
        features.shapes() && features.calm()
            ? new RollingDeployment(scheduler, source, world.processes(), reads)
            : null;
  }

  /** Runs to the end, which is where a guarantee is broken at the latest. */
  public Run run() {
    try {
      runToTheEnd();
      return new Run(seed, operations.ended(), loaders.calls(), null);
    } catch (Broken broken) {
      return new Run(seed, operations.ended(), loaders.calls(), violation(broken));
    }
  }

  private Run.Violation violation(Broken broken) {
    return new Run.Violation(broken.guarantee(), broken.observation(), timeline());
  }

  /** Returns what has happened so far, one event a line. */
  public String timeline() {
    return timeline.toString();
  }

  private void runToTheEnd() {
    operations.begin(actor::act);
    if (illness != null) {
      illness.begin();
    }
    if (deployment != null) {
      deployment.begin();
    }
    for (int steps = 0; !operations.areOver(); steps++) {
      if (features.faults() && scheduler.chance(0.01)) {
        faults.next();
      }
      verdicts.throwBroken();
      if (!scheduler.step()) {
        throw new Broken("G4", operations.pending() + " operations never ended");
      }
      if (steps > STEP_LIMIT) {
        throw new Broken("G4", "no end after " + STEP_LIMIT + " steps");
      }
    }
  }
}
