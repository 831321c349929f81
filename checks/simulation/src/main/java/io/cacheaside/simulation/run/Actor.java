package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.simulation.world.World;

/** Picks what processes do: any operation of any process, on any key. */
final class Actor {
  private final Scheduler scheduler;
  private final Features features;
  private final Processes processes;
  private final Source source;
  private final Repertoire repertoire;
  private final Timeline timeline;

  Actor(World world, Source source, Repertoire repertoire, Timeline timeline) {
    this.scheduler = world.scheduler();
    this.features = world.features();
    this.processes = world.processes();
    this.source = source;
    this.repertoire = repertoire;
    this.timeline = timeline;
  }

  /** Begins one operation. */
  void act() {
    closeSometimes();
    SimulatedProcess process = processes.any();
    String key = source.anyKey();
    if (features.lagging()) {
      actOnLaggingSource(process, key);
    } else if (scheduler.chance(0.15)) {
      actSeldom(process, key);
    } else {
      actOften(process, key);
    }
  }

  private void closeSometimes() {
    if (!features.calm() && scheduler.chance(0.02)) {
      SimulatedProcess process = processes.any();
      timeline.fault("close " + process.host(), () -> processes.close(process));
    }
  }

  private void actOften(SimulatedProcess process, String key) {
    int dice = scheduler.random().nextInt(100);
    if (dice < 50) {
      repertoire.reads().get(process, key);
    } else if (dice < 60) {
      repertoire.reads().getAll(process);
    } else if (dice < 72) {
      repertoire.writes().writeAndInvalidate(process, key);
    } else if (dice < 78) {
      repertoire.writes().writeThenInvalidate(process, key);
    } else if (dice < 84) {
      repertoire.puts().update(process, key);
    } else if (dice < 88 && !features.isolated()) {
      repertoire.wideWrites().writeAndInvalidateEverything(process);
    } else if (dice < 92) {
      repertoire.ttlChanges().markStale(process, key);
    } else if (dice < 94 && features.barriers()) {
      repertoire.writes().writeFenced(process, key);
    } else if (dice < 97 && features.tags()) {
      repertoire.wideWrites().writeAndInvalidateLoaderTag(process);
    } else {
      repertoire.ttlChanges().changeTtl(process, key);
    }
  }

  private void actSeldom(SimulatedProcess process, String key) {
    int dice = scheduler.random().nextInt(100);
    if (dice < 25) {
      repertoire.puts().put(process, key);
    } else if (dice < 35) {
      repertoire.puts().putAll(process);
    } else if (dice < 50 && !features.isolated()) {
      repertoire.writes().writeAndInvalidateAll(process);
    } else if (dice < 70) {
      repertoire.lookups().lookup(process, key);
    } else if (dice < 80) {
      repertoire.lookups().explain(process, key);
    } else if (dice < 85) {
      repertoire.lookups().remainingTtl(process, key);
    } else {
      repertoire.lookups().readNeighbour(process, key);
    }
  }

  /** Operations that leave a hold-off, which nothing but the server's faults ends early. */
  private void actOnLaggingSource(SimulatedProcess process, String key) {
    int dice = scheduler.random().nextInt(100);
    if (dice < 60) {
      repertoire.reads().get(process, key);
    } else if (dice < 70) {
      repertoire.reads().getAll(process);
    } else if (dice < 85) {
      repertoire.writes().writeAndInvalidate(process, key);
    } else if (dice < 90) {
      repertoire.writes().writeThenInvalidate(process, key);
    } else if (dice < 95) {
      repertoire.writes().writeFenced(process, key);
    } else {
      repertoire.writes().writeAndInvalidateAll(process);
    }
  }
}
