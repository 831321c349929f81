package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedCluster;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.SimulatedServer;
import io.cacheaside.simulation.world.World;

/** Picks what goes wrong: processes, connections and servers fail in many ways. */
final class Faults {
  private static final int LATEST_ERROR = 20;

  private final Scheduler scheduler;
  private final Features features;
  private final SimulatedCluster cluster;
  private final Processes processes;
  private final Operations operations;
  private final Interruptions interruptions;
  private final Failovers failovers;
  private final NodeFaults nodeFaults;
  private final Timeline timeline;

  Faults(
      World world,
      Operations operations,
      Interruptions interruptions,
      Failovers failovers,
      NodeFaults nodeFaults,
      Timeline timeline) {
    this.scheduler = world.scheduler();
    this.features = world.features();
    this.cluster = world.cluster();
    this.processes = world.processes();
    this.operations = operations;
    this.interruptions = interruptions;
    this.failovers = failovers;
    this.nodeFaults = nodeFaults;
    this.timeline = timeline;
  }

  /** Lets one of them happen. */
  void next() {
    SimulatedProcess process = processes.any();
    if (features.errors() && scheduler.chance(0.3)) {
      injectError(process);
    } else if (features.nodes() && scheduler.chance(0.15)) {
      nodeFaults.fail(cluster.anyNode(), interruptions.pause());
    } else {
      fail(process, cluster.anyNode());
    }
  }

  private void injectError(SimulatedProcess process) {
    int call = 1 + scheduler.random().nextInt(LATEST_ERROR);
    timeline.fault("error in " + process.host() + " at call " + call, () -> process.failCall(call));
  }

  private void fail(SimulatedProcess process, int node) {
    SimulatedServer server = cluster.server(node);
    switch (scheduler.random().nextInt(12)) {
      case 0 -> interruptions.cut(process, node);
      case 1 -> interruptions.freeze(process);
      case 2 -> interruptions.freeze(server, process);
      case 3 -> timeline.fault("evict", server::evictOne);
      case 4 -> timeline.fault("flush", server::flush);
      case 5 -> timeline.fault("clock jump", server::jumpClock);
      case 6 -> failovers.promotion();
      case 7, 8 -> interruptions.stall(process, node);
      case 9 -> fillUp(server);
      case 10 -> timeline.fault("kill " + process.host(), () -> kill(process));
      default -> failovers.failover(node);
    }
  }

  private void fillUp(SimulatedServer server) {
    boolean full = scheduler.chance(0.4);
    boolean takesBarriers = scheduler.chance(0.5);
    timeline.fault(
        "out of memory: " + full + (takesBarriers ? "" : ", for barriers too"),
        () -> server.setOutOfMemory(full, takesBarriers));
  }

  private void kill(SimulatedProcess process) {
    operations.lost(processes.kill(process));
  }
}
