package io.cacheaside.simulation;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What may go wrong at any time: processes, connections and servers fail in many ways. */
final class Faults {
  private static final int LATEST_ERROR = 20;
  private static final Duration LONGEST_STALL = Duration.ofSeconds(4);
  private static final Duration LONGEST_ISOLATION = Duration.ofSeconds(3);

  private final Simulation simulation;
  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final Oracle oracle;
  private final Features features;

  Faults(
      Simulation simulation,
      Scheduler scheduler,
      SimulatedCluster cluster,
      Oracle oracle,
      Features features) {
    this.simulation = simulation;
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.oracle = oracle;
    this.features = features;
  }

  /** Lets one of them happen. */
  void next() {
    SimulatedProcess process = simulation.anyProcess();
    if (features.errors() && scheduler.chance(0.3)) {
      int call = 1 + scheduler.random().nextInt(LATEST_ERROR);
      simulation.noted(
          "error in " + process.host() + " at call " + call, () -> process.failCall(call));
      return;
    }
    if (features.nodes() && scheduler.chance(0.15)) {
      new SickNode(simulation, scheduler, cluster, features).fail(pause());
      return;
    }
    int node = cluster.anyNode();
    SimulatedServer server = cluster.server(node);
    switch (scheduler.random().nextInt(12)) {
      case 11 -> failover(node);
      case 10 -> simulation.noted("kill " + process.host(), () -> simulation.kill(process));
      case 0 -> {
        String key = simulation.anyKey();
        simulation.readWithin(Duration.ofMillis(1), process, key);
        scheduler.after(
            "world",
            scheduler.upTo(Duration.ofMillis(5)),
            () -> simulation.noted("cut " + process.host(), process.store.connection(node)::cut));
        simulation.changeWithin(Duration.ofMillis(50), key);
      }
      case 1 ->
          simulation.noted(
              "freeze " + process.host(), () -> scheduler.freeze(process.host(), pause()));
      case 2 -> {
        simulation.noted("freeze " + server.host(), () -> scheduler.freeze(server.host(), pause()));
        invalidateMeanwhile(process, simulation.anyKey());
      }
      case 3 -> simulation.noted("evict", server::evictOne);
      case 4 -> simulation.noted("flush", server::flush);
      case 5 -> simulation.noted("clock jump", server::jumpClock);
      case 6 -> promotion();
      case 7, 8 -> stall(process, node);
      default -> {
        boolean full = scheduler.chance(0.4);
        boolean takesBarriers = scheduler.chance(0.5);
        simulation.noted(
            "out of memory: " + full + (takesBarriers ? "" : ", for barriers too"),
            () -> server.setOutOfMemory(full, takesBarriers));
      }
    }
  }

  /** Silences a store for a while, once its process has had the time to read what it may keep. */
  private void stall(SimulatedProcess process, int node) {
    Duration silence = scheduler.upTo(LONGEST_STALL);
    String key = simulation.anyKey();
    simulation.readWithin(Duration.ofMillis(5), process, key);
    scheduler.after(
        "world",
        scheduler.upTo(Duration.ofMillis(50)),
        () -> {
          simulation.noted(
              "stall " + process.host(), () -> process.store.connection(node).stall(silence));
          invalidateMeanwhile(process, key);
        });
  }

  /** Lets a key be read where a fault is felt, and be changed anywhere before that is over. */
  private void invalidateMeanwhile(SimulatedProcess affected, String key) {
    simulation.readWithin(Duration.ofMillis(5), affected, key);
    simulation.changeWithin(Duration.ofMillis(500), key);
    simulation.readWithin(features.maxStaleness().multipliedBy(2), affected, key);
  }

  private Duration pause() {
    return scheduler.upTo(Duration.ofSeconds(scheduler.chance(0.2) ? 5 : 1));
  }

  /** Another primary, which only some have noticed by their connections. */
  void promotion() {
    int node = cluster.anyNode();
    simulation.noted("promotion", cluster.server(node)::promote);
    for (SimulatedProcess process : simulation.processes()) {
      if (scheduler.chance(0.2)) {
        simulation.noted("cut " + process.host(), process.store.connection(node)::cut);
      }
    }
  }

  /** A replica takes over that did not have the last writes. */
  private void failover(int node) {
    long nowNanos = scheduler.nowNanos();
    long lostSinceNanos = nowNanos - scheduler.upTo(SimulatedServer.LONGEST_LAG).toNanos();
    @Nullable SimulatedProcess isolated = scheduler.chance(0.5) ? simulation.anyProcess() : null;
    if (isolated != null) {
      isolate(isolated, node);
    }
    simulation.noted("failover", () -> cluster.server(node).failOver(lostSinceNanos));
    oracle.failedOver(lostSinceNanos, nowNanos);
    for (SimulatedProcess process : simulation.processes()) {
      if (process != isolated) {
        process.store.connection(node).cut();
      }
    }
    for (String key : Simulation.KEYS) {
      simulation.readWithin(Duration.ofSeconds(3), simulation.anyProcess(), key);
    }
  }

  /** Lets the old primary go on for one process, which has no way to the new one for a while. */
  private void isolate(SimulatedProcess process, int node) {
    String host = process.host();
    SimulatedServer old = cluster.server(node).isolated();
    simulation.noted("isolate " + host, () -> process.store.connection(node).moveTo(old));
    oracle.isolated(host, scheduler.nowNanos());
    scheduler.after(
        "world",
        scheduler.upTo(LONGEST_ISOLATION),
        () -> {
          simulation.noted("reunite " + host, () -> process.store.moveTo(cluster.servers()));
          process.store.cut();
          oracle.reunited(host, scheduler.nowNanos());
        });
    for (String key : Simulation.KEYS) {
      simulation.readWithin(LONGEST_ISOLATION.multipliedBy(2), process, key);
    }
  }
}
