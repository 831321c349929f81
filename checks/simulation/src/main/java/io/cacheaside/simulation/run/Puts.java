package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Operations that store what was just written: the caller vouches for the value. */
final class Puts {
  private final Scheduler scheduler;
  private final Features features;
  private final Source source;
  private final Oracle oracle;
  private final Operations operations;
  private final Verdicts verdicts;
  private final Aftermath aftermath;
  private final Writes writes;

  Puts(
      Scheduler scheduler,
      Features features,
      Source source,
      Oracle oracle,
      Operations operations,
      Verdicts verdicts,
      Aftermath aftermath,
      Writes writes) {
    this.scheduler = scheduler;
    this.features = features;
    this.source = source;
    this.oracle = oracle;
    this.operations = operations;
    this.verdicts = verdicts;
    this.aftermath = aftermath;
    this.writes = writes;
  }

  /** Puts one value. With tags that is of the key a: values of b have a tag only loaders give. */
  void put(SimulatedProcess process, String key) {
    put(process, List.of(features.tags() ? "a" : key));
  }

  /** Puts values of all keys that can be put. */
  void putAll(SimulatedProcess process) {
    put(process, features.tags() ? List.of("a") : Source.KEYS);
  }

  /**
   * Puts what was just written. If the source moves on before that has ended, the caller has
   * vouched for too much: the version may be read until an invalidation ends it that begins after
   * the put has ended or failed. A put that succeeds ends what is older, unless it met a barrier.
   */
  private void put(SimulatedProcess process, List<String> keys) {
    Map<String, Integer> versions = new TreeMap<>();
    keys.forEach(key -> versions.put(key, source.commit(key)));
    versions.forEach(oracle::vouch);
    Map<String, String> values = new TreeMap<>();
    versions.forEach((key, version) -> values.put(key, Source.value(key, version)));
    String what = process.host() + " put " + values.values();
    operations.track(
        process,
        what,
        stored(process, values),
        (ended, failure) -> {
          verdicts.checkWriteFailure(what, failure);
          versions.forEach((key, version) -> oracle.vouchUntil(key, version, scheduler.nowNanos()));
          if (failure == null) {
            versions.forEach((key, version) -> putEnded(process, key, version));
          }
        });
  }

  private static CompletableFuture<?> stored(SimulatedProcess process, Map<String, String> values) {
    if (values.size() > 1) {
      return process.async().putAll(values);
    }
    Map.Entry<String, String> only = values.entrySet().iterator().next();
    return process.async().put(only.getKey(), only.getValue());
  }

  private void putEnded(SimulatedProcess process, String key, int version) {
    if (source.committed(key) == version) {
      oracle.noLongerVouch(key, version);
    }
    if (!features.barriers()) {
      oracle.invalidated(process.host(), key, version, scheduler.nowNanos(), false);
    }
  }

  /** Updates an entry. What is made of a value that was vouched for is vouched for, too. */
  void update(SimulatedProcess process, String key) {
    int version = source.commit(key);
    if (oracle.vouchesFor(key)) {
      oracle.vouch(key, version);
    }
    if (scheduler.chance(0.3)) {
      writes.writeWithin(Duration.ofMillis(10), key);
    }
    String what = process.host() + " update " + key + " to " + version;
    operations.track(
        process,
        what,
        process.async().update(key, old -> newer(key, old, version)),
        (done, failure) -> {
          oracle.vouchUntil(key, version, scheduler.nowNanos());
          aftermath.ofUpdate(process, what, key, version).accept(done, failure);
        });
  }

  private static String newer(String key, String old, int version) {
    return Source.value(key, Math.max(Source.version(old), version));
  }
}
