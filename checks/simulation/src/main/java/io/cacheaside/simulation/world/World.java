package io.cacheaside.simulation.world;

import org.jspecify.annotations.Nullable;

/**
 * Where a run takes place.
 *
 * @param scheduler its time and its chance
 * @param sick the only node that fails; null if none does, or any may
 */
public record World(
    Scheduler scheduler,
    Features features,
    SimulatedCluster cluster,
    @Nullable SickNode sick,
    Processes processes) {

  /** Creates the world of a seed, before anything has happened in it. */
  public static World of(long seed) {
    Scheduler scheduler = new Scheduler(seed);
    Features features = Features.of(seed);
    SimulatedCluster cluster = new SimulatedCluster(scheduler, features);
    SickNode sick = features.isolated() ? SickNode.of(cluster) : null;
    return new World(
        scheduler, features, cluster, sick, new Processes(scheduler, cluster, features));
  }
}
