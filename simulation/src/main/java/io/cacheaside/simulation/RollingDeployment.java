package io.cacheaside.simulation;

import java.time.Duration;

/**
 * A time in which processes with two versions of a class share a cache. One key is read by all of
 * them at a time, so that versions which replace each other's values load again and again (G3).
 */
final class RollingDeployment {
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
  private static final Duration BURST = Duration.ofSeconds(2);
  private static final int READS = 6;

  private final Simulation simulation;
  private final Scheduler scheduler;

  RollingDeployment(Simulation simulation, Scheduler scheduler) {
    this.simulation = simulation;
    this.scheduler = scheduler;
  }

  void begin() {
    scheduler.after(
        "world",
        scheduler.upTo(LONGEST_PAUSE),
        () -> {
          String key = simulation.anyKey();
          for (SimulatedProcess process : simulation.processes()) {
            for (int i = 0; i < READS; i++) {
              simulation.readByDefaultWithin(BURST, process, key);
            }
          }
          scheduler.after("world", BURST, this::begin);
        });
  }
}
