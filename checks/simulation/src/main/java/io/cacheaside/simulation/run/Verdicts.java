package io.cacheaside.simulation.run;

import io.cacheaside.InvalidationFailedException;
import io.cacheaside.simulation.oracle.Broken;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.InjectedError;
import io.cacheaside.simulation.world.SickNode;
import io.cacheaside.simulation.world.SimulatedCluster;
import io.cacheaside.simulation.world.SimulatedProcess;
import io.cacheaside.store.StoreException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Checks what operations return, and how they fail. */
final class Verdicts {
  private final Features features;
  private final SimulatedCluster cluster;
  private final Source source;
  private final HungLoads hung;
  private final @Nullable SickNode sick;
  private @Nullable Broken broken;

  Verdicts(
      Features features,
      SimulatedCluster cluster,
      Source source,
      HungLoads hung,
      @Nullable SickNode sick) {
    this.features = features;
    this.cluster = cluster;
    this.source = source;
    this.hung = hung;
    this.sick = sick;
  }

  /**
   * Checks the value of a key.
   *
   * @param oracle returns the guarantee that a version breaks; null if it may be returned
   */
  void check(
      String what, String key, @Nullable String value, IntFunction<@Nullable String> oracle) {
    if (value != null && !value.startsWith(key + ":")) {
      throw new Broken("G8", what + " returned " + value);
    }
    int version = value == null ? 0 : Source.version(value);
    String guarantee = oracle.apply(version);
    if (guarantee != null) {
      throw new Broken(guarantee, what + " returned " + value);
    }
    if (version > source.committed(key)) {
      throw new Broken("G8", what + " returned " + value + " from the future");
    }
  }

  /** Checks the failure of {@code get}, which may wait for its load until a timeout. */
  void checkGetFailure(String what, Throwable failure, String key, long begunNanos) {
    boolean onSickNode = sick != null && sick.has(key);
    checkReadFailure(what, failure, onSickNode || hung.excuses(begunNanos));
  }

  /** Checks the failure of {@code getAll}, whose keys may be on any node. */
  void checkGetAllFailure(String what, Throwable failure, long begunNanos) {
    checkReadFailure(what, failure, sick != null || hung.excuses(begunNanos));
  }

  /** Checks the failure of a read that waits for no such load. */
  void checkReadFailure(String what, Throwable failure) {
    checkReadFailure(what, failure, false);
  }

  private void checkReadFailure(String what, Throwable failure, boolean mayTimeOut) {
    if (!features.faults() && !mayTimeOut) {
      throw new Broken("G4", what + " failed without a fault: " + failure);
    }
    if (failure instanceof StoreException) {
      throw new Broken("G5", what + " failed with " + failure);
    }
  }

  void checkWriteFailure(String what, @Nullable Throwable failure) {
    if (failure != null
        && !(failure instanceof StoreException)
        && !(failure instanceof InvalidationFailedException)
        && !(failure instanceof InjectedError)) {
      throw new Broken("G5", what + " failed with " + failure);
    }
  }

  void checkNeighbours() {
    if (cluster.hasRemoved(SimulatedProcess.NEIGHBOUR + ":")) {
      throw new Broken("G8", "an entry of another cache was removed");
    }
  }

  /** Runs a check where an exception would not end the run; what it finds ends that soon. */
  void checkInside(Runnable check) {
    try {
      check.run();
    } catch (Broken e) {
      broken = e;
    }
  }

  /** Ends the run soon, because a guarantee was broken. */
  void broken(String guarantee, String observation) {
    broken = new Broken(guarantee, observation);
  }

  /** Ends the run if a check inside of it has found something. */
  void throwBroken() {
    if (broken != null) {
      throw broken;
    }
  }
}
