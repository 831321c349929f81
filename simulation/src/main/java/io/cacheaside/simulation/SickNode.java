package io.cacheaside.simulation;

import io.cacheaside.AsyncContextLoader;
import io.cacheaside.simulation.Simulation.Broken;
import java.time.Duration;
import java.util.List;

/**
 * One node of several that is sick from time to time: it is silent, refuses everything, or loses
 * its connections.
 *
 * <p>Where nothing else goes wrong, a key that has nothing on that node must be read as if the node
 * were well. Its loads are counted, and none begins before the node of the key was asked (G3). Its
 * near values must outlive a connection to the sick node (G5).
 */
final class SickNode {
  private static final Duration LONGEST_ILLNESS = Duration.ofSeconds(3);
  private static final Duration LONGEST_HEALTH = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final int READS_HERE = 2 * Features.BREAKER_TIMEOUTS;
  private static final int READS_ELSEWHERE = 15;

  private final Simulation simulation;
  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final int node;
  private final boolean alone;

  /** Chooses any node. */
  SickNode(
      Simulation simulation, Scheduler scheduler, SimulatedCluster cluster, Features features) {
    this.simulation = simulation;
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.node = cluster.anyNode();
    this.alone = features.isolated();
  }

  /** Returns a loader for a read that begins now, and that must not go around the store. */
  <V> AsyncContextLoader<String, V> behindTheStore(
      SimulatedProcess process, String key, AsyncContextLoader<String, V> loader) {
    long before = answersAbout(process, key);
    return (loaded, context) -> {
      if (!has(key) && answersAbout(process, key) == before) {
        simulation.broken("G3", process.host() + " loads " + key + " around a healthy node");
      }
      return loader.load(loaded, context);
    };
  }

  private static long answersAbout(SimulatedProcess process, String key) {
    return process.store.answersAt(SimulatedProcess.CACHE + ":" + key);
  }

  /** Returns whether a key has its entry, or the lease of its refresh, on this node. */
  boolean has(String key) {
    return hasText(SimulatedProcess.CACHE + ":" + key)
        || hasText(SimulatedProcess.CACHE + "%r:" + key);
  }

  private boolean hasText(String text) {
    return SimulatedCluster.nodeOf(text, cluster.servers().size()) == node;
  }

  /** Lets this node be well for a while, then sick, and so on. */
  void comeAndGo() {
    scheduler.after(
        "world",
        scheduler.upTo(LONGEST_HEALTH),
        () -> {
          Duration illness = scheduler.upTo(LONGEST_ILLNESS);
          fail(illness);
          readMeanwhile(illness);
          scheduler.after("world", illness, this::comeAndGo);
        });
  }

  /** Lets this node fail for a while. */
  void fail(Duration illness) {
    SimulatedServer server = cluster.server(node);
    switch (scheduler.random().nextInt(3)) {
      case 0 ->
          simulation.noted(
              "silent " + server.host(), () -> scheduler.freeze(server.host(), illness));
      case 1 -> simulation.noted("refusing " + server.host(), () -> server.refuse(illness));
      default -> simulation.processes().forEach(this::cut);
    }
  }

  private void cut(SimulatedProcess process) {
    simulation.noted(
        "cut " + process.host() + " from " + cluster.server(node).host(),
        () -> keepingNearValues(process, process.store.connection(node)::cut));
  }

  /** Breaks a connection, which must not outdate near values of keys on other nodes. */
  private void keepingNearValues(SimulatedProcess process, Runnable cut) {
    List<String> near =
        Simulation.KEYS.stream()
            .filter(key -> alone && !has(key) && simulation.readsNear(process, key))
            .toList();
    cut.run();
    for (String key : near) {
      if (!simulation.readsNear(process, key)) {
        throw new Broken("G5", "the near value of " + key + " ended with another node");
      }
    }
  }

  /** Lets one process read a key of this node until its breaker opens, and other keys meanwhile. */
  private void readMeanwhile(Duration illness) {
    SimulatedProcess process = simulation.anyProcess();
    for (String key : Simulation.KEYS) {
      Duration within = has(key) ? SOON : illness;
      for (int i = 0; i < (has(key) ? READS_HERE : READS_ELSEWHERE); i++) {
        simulation.readByDefaultWithin(within, process, key);
      }
    }
  }
}
