package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;

/**
 * Loaders that never return, while leases are longer than a load may take. A read may come to its
 * load timeout while such a load runs, and no longer once it has timed out (G4).
 */
final class HungLoads {
  private static final double CHANCE = 0.04;
  private static final Duration SLACK = Duration.ofMillis(500);
  private static final Duration FELT = SimulatedProcess.LOAD_TIMEOUT.plus(SLACK);

  private final Scheduler scheduler;
  private final boolean used;
  private long lastNanos;

  HungLoads(Scheduler scheduler, Features features) {
    this.scheduler = scheduler;
    this.used = features.hangs();
  }

  /** Decides whether the loader that is called now never returns. */
  boolean nextHangs() {
    boolean hangs = used && scheduler.chance(CHANCE);
    if (hangs) {
      lastNanos = scheduler.nowNanos();
    }
    return hangs;
  }

  /** Returns whether a read that began at a moment may have waited for a loader that hangs. */
  boolean excuses(long begunNanos) {
    return used && begunNanos <= lastNanos + FELT.toNanos();
  }
}
