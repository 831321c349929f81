package io.cacheaside.simulation;

import io.cacheaside.Lookup;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Operations on values that are vouched for, on several keys, on other caches, and mere looks. */
final class FurtherOperations {
  private final Simulation simulation;
  private final Scheduler scheduler;
  private final Oracle oracle;
  private final Features features;

  FurtherOperations(Simulation simulation, Scheduler scheduler, Oracle oracle, Features features) {
    this.simulation = simulation;
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.features = features;
  }

  void operate(SimulatedProcess process, String key) {
    int dice = scheduler.random().nextInt(100);
    if (dice < 25) {
      put(process, List.of(features.tags() ? "a" : key));
    } else if (dice < 35) {
      put(process, features.tags() ? List.of("a") : List.of("a", "b"));
    } else if (dice < 50 && !features.isolated()) {
      writeAndInvalidateAll(process);
    } else if (dice < 70) {
      lookup(process, key);
    } else if (dice < 80) {
      look(process, "explain " + key, process.async().explain(key));
    } else if (dice < 85) {
      look(process, "remainingTtl " + key, process.async().remainingTtl(key));
    } else {
      readNeighbour(process, key);
    }
  }

  /**
   * Puts what was just written. If the source moves on before that has ended, the caller has
   * vouched for too much: the version may be read until an invalidation ends it that begins after
   * the put has ended or failed. A put that succeeds ends what is older, unless it met a barrier.
   * Values of the key b have a tag that only loaders give, so that key is not put in a cache with
   * tags.
   */
  private void put(SimulatedProcess process, List<String> keys) {
    Map<String, Integer> versions = new TreeMap<>();
    keys.forEach(key -> versions.put(key, simulation.commit(key)));
    versions.forEach(oracle::vouch);
    Map<String, String> values = new TreeMap<>();
    versions.forEach((key, version) -> values.put(key, key + ":" + version));
    String what = process.host() + " put " + values.values();
    String first = keys.get(0);
    CompletableFuture<?> done =
        keys.size() == 1
            ? process.async().put(first, first + ":" + simulation.committed(first))
            : process.async().putAll(values);
    simulation.track(
        process,
        what,
        done,
        (ended, failure) -> {
          simulation.checkWriteFailure(what, failure);
          versions.forEach((key, version) -> oracle.vouchUntil(key, version, scheduler.nowNanos()));
          if (failure == null) {
            versions.forEach((key, version) -> putEnded(process, key, version));
          }
        });
  }

  private void putEnded(SimulatedProcess process, String key, int version) {
    if (simulation.committed(key) == version) {
      oracle.noLongerVouch(key, version);
    }
    if (!features.barriers()) {
      oracle.invalidated(process.host(), key, version, scheduler.nowNanos(), false);
    }
  }

  void writeAndInvalidateAll(SimulatedProcess process) {
    int a = simulation.commit("a");
    int b = simulation.commit("b");
    String what = process.host() + " invalidateAll after " + a + ", " + b;
    BiConsumer<@Nullable Object, @Nullable Throwable> raisingA =
        simulation.raising(process, what, "a", a);
    BiConsumer<@Nullable Object, @Nullable Throwable> raisingB =
        simulation.raising(process, what, "b", b);
    simulation.track(
        process,
        what,
        process.async().invalidateAll(List.of("a", "b")),
        (ended, failure) -> {
          raisingA.accept(null, failure);
          raisingB.accept(null, failure);
        });
  }

  /** What a lookup shows is no older than what a strict read may return. */
  void lookup(SimulatedProcess process, String key) {
    Oracle.Least least = oracle.leastOf(process.host(), key, scheduler.nowNanos());
    String what = process.host() + " lookup " + key + " (" + least + ")";
    simulation.track(
        process,
        what,
        process.async().lookup(key),
        (found, failure) -> {
          if (failure != null) {
            simulation.checkReadFailure(what, failure);
          } else if (found instanceof Lookup.Hit<String> hit) {
            simulation.check(what, key, hit.cached(), least::brokenBy);
          } else if (found instanceof Lookup.Stale<String> old) {
            simulation.check(what, key, old.stale(), least::brokenBy);
          } else if (found instanceof Lookup.AbsentInSource<String>) {
            simulation.check(what, key, null, least::brokenBy);
          }
        });
  }

  private void look(SimulatedProcess process, String how, CompletableFuture<?> look) {
    String what = process.host() + " " + how;
    simulation.track(
        process,
        what,
        look,
        (seen, failure) -> {
          if (failure != null) {
            simulation.checkReadFailure(what, failure);
          }
        });
  }

  /**
   * Reads the same key of another cache, whose source never changes and which nobody invalidates.
   */
  void readNeighbour(SimulatedProcess process, String key) {
    String what = process.host() + " get neighbour's " + key;
    simulation.track(
        process,
        what,
        process.neighbour().get(key, loaded -> simulation.loadNeighbour(process, loaded)),
        (value, failure) -> {
          if (failure != null) {
            simulation.checkReadFailure(what, failure);
          } else if (!Simulation.neighbourValue(key).equals(value)) {
            throw new Simulation.Broken("G8", what + " returned " + value);
          }
        });
  }
}
