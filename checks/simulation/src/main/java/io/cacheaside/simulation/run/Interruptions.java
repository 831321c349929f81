package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.SimulatedServer;
import java.time.Duration;

/** Connections that break or fall silent, and hosts that stand still, while a key changes. */
final class Interruptions {
  private static final Duration LONGEST_STALL = Duration.ofSeconds(4);

  private final Scheduler scheduler;
  private final Features features;
  private final Source source;
  private final Reads reads;
  private final Writes writes;
  private final Timeline timeline;

  Interruptions(
      Scheduler scheduler,
      Features features,
      Source source,
      Reads reads,
      Writes writes,
      Timeline timeline) {
    this.scheduler = scheduler;
    this.features = features;
    this.source = source;
    this.reads = reads;
    this.writes = writes;
    this.timeline = timeline;
  }

  /** Breaks a connection during a read. */
  void cut(SimulatedProcess process, int node) {
    String key = source.anyKey();
    reads.getWithin(Duration.ofMillis(1), process, key);
    scheduler.after(
        "world",
        scheduler.upTo(Duration.ofMillis(5)),
        () -> timeline.fault("cut " + process.host(), process.store().connection(node)::cut));
    writes.writeWithin(Duration.ofMillis(50), key);
  }

  void freeze(SimulatedProcess process) {
    freeze(process.host());
  }

  void freeze(SimulatedServer server, SimulatedProcess affected) {
    freeze(server.host());
    writeMeanwhile(affected, source.anyKey());
  }

  private void freeze(String host) {
    timeline.fault("freeze " + host, () -> scheduler.freeze(host, pause()));
  }

  /** Returns for how long a host stands still. */
  Duration pause() {
    return scheduler.upTo(Duration.ofSeconds(scheduler.chance(0.2) ? 5 : 1));
  }

  /** Silences a store for a while, once its process has had the time to read what it may keep. */
  void stall(SimulatedProcess process, int node) {
    Duration silence = scheduler.upTo(LONGEST_STALL);
    String key = source.anyKey();
    reads.getWithin(Duration.ofMillis(5), process, key);
    scheduler.after(
        "world",
        scheduler.upTo(Duration.ofMillis(50)),
        () -> {
          timeline.fault(
              "stall " + process.host(), () -> process.store().connection(node).stall(silence));
          writeMeanwhile(process, key);
        });
  }

  /** Lets a key be read where a fault is felt, and be changed anywhere before that is over. */
  private void writeMeanwhile(SimulatedProcess affected, String key) {
    reads.getWithin(Duration.ofMillis(5), affected, key);
    writes.writeWithin(Duration.ofMillis(500), key);
    reads.getWithin(features.maxStaleness().multipliedBy(2), affected, key);
  }
}
