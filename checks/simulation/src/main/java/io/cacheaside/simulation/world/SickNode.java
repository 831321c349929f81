package io.cacheaside.simulation.world;

/**
 * The one node of several that is sick from time to time while nothing else goes wrong.
 *
 * @param number its number
 * @param nodes how many nodes there are
 */
public record SickNode(int number, int nodes) {

  /** Chooses any node. */
  static SickNode of(SimulatedCluster cluster) {
    return new SickNode(cluster.anyNode(), cluster.servers().size());
  }

  /** Returns whether a key has its entry, or the lease of its refresh, on this node. */
  public boolean has(String key) {
    return hasText(SimulatedProcess.CACHE + ":" + key)
        || hasText(SimulatedProcess.CACHE + "%r:" + key);
  }

  private boolean hasText(String text) {
    return SimulatedCluster.nodeOf(text, nodes) == number;
  }
}
