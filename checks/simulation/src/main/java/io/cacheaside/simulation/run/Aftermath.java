package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What follows the end of an invalidation: the oracle requires a version of later reads, and such
 * reads begin.
 */
final class Aftermath {
  private final Scheduler scheduler;
  private final Oracle oracle;
  private final Verdicts verdicts;
  private final Reads reads;
  private final Lookups lookups;
  private final Witnesses witnesses;

  Aftermath(
      Scheduler scheduler,
      Oracle oracle,
      Verdicts verdicts,
      Reads reads,
      Lookups lookups,
      Witnesses witnesses) {
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.verdicts = verdicts;
    this.reads = reads;
    this.lookups = lookups;
    this.witnesses = witnesses;
  }

  /** Returns what follows. A failed invalidation counts for the process that made it (G5). */
  BiConsumer<@Nullable Object, @Nullable Throwable> of(
      SimulatedProcess process, String what, String key, int version) {
    return of(process, what, key, version, true);
  }

  /** Returns what follows the end of an update, which waits for no copies. */
  BiConsumer<@Nullable Object, @Nullable Throwable> ofUpdate(
      SimulatedProcess process, String what, String key, int version) {
    return of(process, what, key, version, false);
  }

  private BiConsumer<@Nullable Object, @Nullable Throwable> of(
      SimulatedProcess process, String what, String key, int version, boolean waited) {
    return (done, failure) -> {
      if (failure == null) {
        oracle.invalidated(process.host(), key, version, scheduler.nowNanos(), waited);
      } else {
        oracle.invalidationFailed(process.host(), key, version, scheduler.nowNanos());
        verdicts.checkWriteFailure(what, failure);
        reads.getWithin(Duration.ofMillis(1), process, key);
        lookups.lookupSoon(process, key);
      }
      witnesses.follow(key);
    };
  }
}
