package io.cacheaside.simulation.world;

import java.util.List;
import java.util.stream.IntStream;

/** The servers of a run, which are one or several. Each of several has some of the keys. */
public final class SimulatedCluster {
  private static final int NODES = 3;

  private final Scheduler scheduler;
  private final List<SimulatedServer> servers;

  SimulatedCluster(Scheduler scheduler, Features features) {
    this.scheduler = scheduler;
    this.servers =
        features.nodes()
            ? IntStream.range(0, NODES)
                .mapToObj(node -> new SimulatedServer(scheduler, "server-" + node, features.echo()))
                .toList()
            : List.of(new SimulatedServer(scheduler, "server", features.echo()));
  }

  public List<SimulatedServer> servers() {
    return servers;
  }

  public SimulatedServer server(int node) {
    return servers.get(node);
  }

  /** Returns the number of any node. A cluster of one node draws no random number for it. */
  public int anyNode() {
    return servers.size() == 1 ? 0 : scheduler.random().nextInt(servers.size());
  }

  /**
   * Returns the number of the node that has a key. An entry and the lease of its refresh may be on
   * two nodes, as in a cluster of Redis.
   */
  static int nodeOf(String key, int nodes) {
    return ((key.hashCode() * 0x9E3779B9) >>> 8) % nodes;
  }

  /** Returns whether any server has removed a key with a prefix, whatever the key held. */
  public boolean hasRemoved(String prefix) {
    return servers.stream().anyMatch(server -> server.hasRemoved(prefix));
  }
}
