package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;

/** Reads that meet an invalidation or follow it, and must not return what it has ended. */
final class Witnesses {
  private static final int CROWD = 10;
  private static final Duration AT_ONCE = Duration.ofMillis(1);
  private static final Duration SOON = Duration.ofMillis(10);

  private final Scheduler scheduler;
  private final Features features;
  private final Processes processes;
  private final Reads reads;

  Witnesses(Scheduler scheduler, Features features, Processes processes, Reads reads) {
    this.scheduler = scheduler;
    this.features = features;
    this.processes = processes;
    this.reads = reads;
  }

  /** Lets reads meet an invalidation: one that loads here, others anywhere. */
  void meet(SimulatedProcess process, String key) {
    if (scheduler.chance(0.3)) {
      reads.forceRefresh(process, key);
    }
    for (SimulatedProcess other : processes.all()) {
      if (scheduler.chance(0.3)) {
        reads.getWithin(SOON, other, key);
      }
    }
    if (scheduler.chance(0.3)) {
      crowd(processes.any(), key);
    }
  }

  /** Lets more reads run at a time in a process than are sent one by one, and others follow. */
  private void crowd(SimulatedProcess process, String key) {
    for (int i = 0; i < CROWD; i++) {
      reads.getWithin(scheduler.chance(0.5) ? AT_ONCE : SOON, process, key);
    }
  }

  /** Lets processes read what was invalidated: at once, or when near values must be up to date. */
  void follow(String key) {
    for (SimulatedProcess process : processes.all()) {
      if (scheduler.chance(0.4)) {
        boolean atOnce = scheduler.chance(0.5);
        reads.getWithin(atOnce ? AT_ONCE : features.maxStaleness().multipliedBy(2), process, key);
      }
    }
  }
}
