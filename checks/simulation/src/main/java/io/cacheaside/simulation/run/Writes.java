package io.cacheaside.simulation.run;

import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Processes;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Operations that write to the source and invalidate the keys that were written. */
final class Writes {
  private static final Duration LONGEST_WRITE = Duration.ofMillis(50);

  private final Scheduler scheduler;
  private final Features features;
  private final Source source;
  private final Processes processes;
  private final Operations operations;
  private final Aftermath aftermath;
  private final Witnesses witnesses;

  Writes(
      Scheduler scheduler,
      Features features,
      Source source,
      Processes processes,
      Operations operations,
      Aftermath aftermath,
      Witnesses witnesses) {
    this.scheduler = scheduler;
    this.features = features;
    this.source = source;
    this.processes = processes;
    this.operations = operations;
    this.aftermath = aftermath;
    this.witnesses = witnesses;
  }

  void writeAndInvalidate(SimulatedProcess process, String key) {
    witnesses.meet(process, key);
    int version = source.commit(key);
    String what = process.host() + " invalidate " + key + " after " + version;
    CompletableFuture<?> done =
        features.barriers() && scheduler.chance(0.5)
            ? process.async().invalidate(key, version)
            : process.async().invalidate(key);
    operations.track(process, what, done, aftermath.of(process, what, key, version));
  }

  /** Lets any process write a key within a while. */
  void writeWithin(Duration delay, String key) {
    operations.within(delay, () -> writeAndInvalidate(processes.any(), key));
  }

  void writeAndInvalidateAll(SimulatedProcess process) {
    int a = source.commit("a");
    int b = source.commit("b");
    String what = process.host() + " invalidateAll after " + a + ", " + b;
    operations.track(
        process,
        what,
        process.async().invalidateAll(Source.KEYS),
        (ended, failure) -> {
          aftermath.of(process, what, "a", a).accept(null, failure);
          aftermath.of(process, what, "b", b).accept(null, failure);
        });
  }

  void writeThenInvalidate(SimulatedProcess process, String key) {
    int[] version = new int[1];
    String what = process.host() + " writeThenInvalidate " + key;
    operations.track(
        process,
        what,
        process.async().writeThenInvalidate(key, () -> write(process, key, version)),
        (done, failure) -> aftermath.of(process, what, key, version[0]).accept(null, failure));
  }

  void writeFenced(SimulatedProcess process, String key) {
    int[] version = new int[1];
    boolean rollback = scheduler.chance(0.3);
    String what = process.host() + (rollback ? " rolled back " : " fenced write ") + key;
    CompletableFuture<Void> done =
        process
            .async()
            .fence(key)
            .thenCompose(
                fence ->
                    rollback
                        ? fence.lift()
                        : write(process, key, version).thenCompose(written -> fence.invalidate()));
    operations.track(
        process,
        what,
        done,
        (ended, failure) -> aftermath.of(process, what, key, version[0]).accept(null, failure));
  }

  private CompletableFuture<Integer> write(SimulatedProcess process, String key, int[] version) {
    return process.later(LONGEST_WRITE, () -> version[0] = source.commit(key));
  }
}
