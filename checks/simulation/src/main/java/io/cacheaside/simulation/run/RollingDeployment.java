package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;

/**
 * A time in which processes with two versions of a class share a cache. One key is read by all of
 * them at a time, so that versions which replace each other's values load again and again (G3).
 */
final class RollingDeployment {
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
  private static final Duration BURST = Duration.ofSeconds(2);
  private static final int READS = 6;

  private final Scheduler scheduler;
  private final Source source;
  private final Processes processes;
  private final Reads reads;

  RollingDeployment(Scheduler scheduler, Source source, Processes processes, Reads reads) {
    this.scheduler = scheduler;
    this.source = source;
    this.processes = processes;
    this.reads = reads;
  }

  void begin() {
    scheduler.after(
        "world",
        scheduler.upTo(LONGEST_PAUSE),
        () -> {
          String key = source.anyKey();
          for (SimulatedProcess process : processes.all()) {
            for (int i = 0; i < READS; i++) {
              reads.getByDefaultWithin(BURST, process, key);
            }
          }
          scheduler.after("world", BURST, this::begin);
        });
  }
}
