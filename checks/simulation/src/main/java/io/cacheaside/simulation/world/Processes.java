package io.cacheaside.simulation.world;

import java.util.ArrayList;
import java.util.List;

/** The processes of a run. A new one takes the place of each that is killed or closed. */
public final class Processes {
  private static final int COUNT = 3;

  private final Scheduler scheduler;
  private final SimulatedCluster cluster;
  private final Features features;
  private final List<SimulatedProcess> all = new ArrayList<>();
  private int born;

  Processes(Scheduler scheduler, SimulatedCluster cluster, Features features) {
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.features = features;
    for (int i = 0; i < COUNT; i++) {
      all.add(next());
    }
  }

  private SimulatedProcess next() {
    return new SimulatedProcess(scheduler, cluster, born++, features);
  }

  public List<SimulatedProcess> all() {
    return all;
  }

  public SimulatedProcess any() {
    return all.get(scheduler.random().nextInt(all.size()));
  }

  /** Closes the cache of a process, which another process replaces. */
  public void close(SimulatedProcess closing) {
    closing.close(replace(closing));
  }

  /** Kills a process; returns how many of its operations never end. */
  public int kill(SimulatedProcess dying) {
    replace(dying);
    return dying.kill();
  }

  private SimulatedProcess replace(SimulatedProcess ending) {
    SimulatedProcess successor = next();
    all.set(all.indexOf(ending), successor);
    return successor;
  }
}
