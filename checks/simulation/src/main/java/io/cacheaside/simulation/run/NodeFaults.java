package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedCluster;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.SimulatedServer;
import java.time.Duration;
import java.util.function.BiConsumer;

/** One node of several that is silent, refuses everything, or loses its connections. */
final class NodeFaults {
  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final Processes processes;
  private final Timeline timeline;

  NodeFaults(
      Scheduler scheduler, SimulatedCluster cluster, Processes processes, Timeline timeline) {
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.processes = processes;
    this.timeline = timeline;
  }

  /** Lets a node fail for a while. */
  void fail(int node, Duration illness) {
    fail(node, illness, (process, cut) -> cut.run());
  }

  /**
   * Lets a node fail for a while.
   *
   * @param cutting cuts the connection of a process to it, if that is how it fails
   */
  void fail(int node, Duration illness, BiConsumer<SimulatedProcess, Runnable> cutting) {
    SimulatedServer server = cluster.server(node);
    String host = server.host();
    switch (scheduler.random().nextInt(3)) {
      case 0 -> timeline.fault("silent " + host, () -> scheduler.freeze(host, illness));
      case 1 -> timeline.fault("refusing " + host, () -> server.refuse(illness));
      default -> processes.all().forEach(process -> cut(process, node, cutting));
    }
  }

  private void cut(
      SimulatedProcess process, int node, BiConsumer<SimulatedProcess, Runnable> cutting) {
    Runnable cut = process.store().connection(node)::cut;
    timeline.fault(
        "cut " + process.host() + " from " + cluster.server(node).host(),
        () -> cutting.accept(process, cut));
  }
}
