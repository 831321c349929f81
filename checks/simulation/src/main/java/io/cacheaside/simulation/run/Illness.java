package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.Broken;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SickNode;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.World;
import java.time.Duration;
import java.util.List;

/**
 * A {@link SickNode} comes and goes. A key that has nothing on it must be read as if it were well:
 * its loads are counted, and none begins before the node of the key was asked (G3). Its near values
 * must outlive a connection to the sick node (G5).
 */
final class Illness {
  private static final Duration LONGEST_ILLNESS = Duration.ofSeconds(3);
  private static final Duration LONGEST_HEALTH = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final int READS_HERE = 2 * Features.BREAKER_TIMEOUTS;
  private static final int READS_ELSEWHERE = 15;

  private final Scheduler scheduler;
  private final Processes processes;
  private final SickNode sick;
  private final NodeFaults faults;
  private final Reads reads;

  Illness(World world, SickNode sick, NodeFaults faults, Reads reads) {
    this.scheduler = world.scheduler();
    this.processes = world.processes();
    this.sick = sick;
    this.faults = faults;
    this.reads = reads;
  }

  /** Lets the node be well for a while, then sick, and so on. */
  void begin() {
    scheduler.after(
        "world",
        scheduler.upTo(LONGEST_HEALTH),
        () -> {
          Duration illness = scheduler.upTo(LONGEST_ILLNESS);
          faults.fail(sick.number(), illness, this::cutKeepingNearValues);
          readMeanwhile(illness);
          scheduler.after("world", illness, this::begin);
        });
  }

  /** Breaks a connection, which must not outdate near values of keys on other nodes. */
  private void cutKeepingNearValues(SimulatedProcess process, Runnable cut) {
    List<String> near =
        Source.KEYS.stream().filter(key -> !sick.has(key) && reads.isNear(process, key)).toList();
    cut.run();
    for (String key : near) {
      if (!reads.isNear(process, key)) {
        throw new Broken("G5", "the near value of " + key + " ended with another node");
      }
    }
  }

  /** Lets one process read a key of this node until its breaker opens, and other keys meanwhile. */
  private void readMeanwhile(Duration illness) {
    SimulatedProcess process = processes.any();
    for (String key : Source.KEYS) {
      Duration within = sick.has(key) ? SOON : illness;
      for (int i = 0; i < (sick.has(key) ? READS_HERE : READS_ELSEWHERE); i++) {
        reads.getByDefaultWithin(within, process, key);
      }
    }
  }
}
