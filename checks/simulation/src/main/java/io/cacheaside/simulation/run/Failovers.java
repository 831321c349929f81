package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedCluster;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.SimulatedServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Other primaries that take over, with all writes or without the last ones. */
final class Failovers {
  private static final Duration LONGEST_ISOLATION = Duration.ofSeconds(3);

  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final Oracle oracle;
  private final Processes processes;
  private final Reads reads;
  private final Timeline timeline;

  Failovers(
      Scheduler scheduler,
      SimulatedCluster cluster,
      Oracle oracle,
      Processes processes,
      Reads reads,
      Timeline timeline) {
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.oracle = oracle;
    this.processes = processes;
    this.reads = reads;
    this.timeline = timeline;
  }

  /** Another primary, which only some have noticed by their connections. */
  void promotion() {
    int node = cluster.anyNode();
    timeline.fault("promotion", cluster.server(node)::promote);
    for (SimulatedProcess process : processes.all()) {
      if (scheduler.chance(0.2)) {
        timeline.fault("cut " + process.host(), process.store().connection(node)::cut);
      }
    }
  }

  /** A replica takes over that did not have the last writes. */
  void failover(int node) {
    long nowNanos = scheduler.nowNanos();
    long lostSinceNanos = nowNanos - scheduler.upTo(SimulatedServer.LONGEST_LAG).toNanos();
    @Nullable SimulatedProcess isolated = scheduler.chance(0.5) ? processes.any() : null;
    if (isolated != null) {
      isolate(isolated, node);
    }
    timeline.fault("failover", () -> cluster.server(node).failOver(lostSinceNanos));
    oracle.failedOver(lostSinceNanos, nowNanos);
    for (SimulatedProcess process : processes.all()) {
      if (process != isolated) {
        process.store().connection(node).cut();
      }
    }
    for (String key : Source.KEYS) {
      reads.getWithin(Duration.ofSeconds(3), processes.any(), key);
    }
  }

  /** Lets the old primary go on for one process, which has no way to the new one for a while. */
  private void isolate(SimulatedProcess process, int node) {
    String host = process.host();
    SimulatedServer old = cluster.server(node).isolated();
    timeline.fault("isolate " + host, () -> process.store().connection(node).moveTo(old));
    oracle.isolated(host, scheduler.nowNanos());
    scheduler.after("world", scheduler.upTo(LONGEST_ISOLATION), () -> reunite(process));
    for (String key : Source.KEYS) {
      reads.getWithin(LONGEST_ISOLATION.multipliedBy(2), process, key);
    }
  }

  private void reunite(SimulatedProcess process) {
    timeline.fault("reunite " + process.host(), () -> process.store().moveTo(cluster.servers()));
    process.store().cut();
    oracle.reunited(process.host(), scheduler.nowNanos());
  }
}
