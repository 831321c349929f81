package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Operations that write to the source and invalidate by tag, by pattern, or all there is. */
final class WideWrites {
  private final Scheduler scheduler;
  private final Features features;
  private final Source source;
  private final LoadBudget budget;
  private final Operations operations;
  private final Aftermath aftermath;
  private final Lookups lookups;
  private final Failovers failovers;

  private enum Way {
    CLEAR("clear"),
    TAG("invalidateTag"),
    PATTERN("invalidateMatching");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  WideWrites(
      Scheduler scheduler,
      Features features,
      Source source,
      LoadBudget budget,
      Operations operations,
      Aftermath aftermath,
      Lookups lookups,
      Failovers failovers) {
    this.scheduler = scheduler;
    this.features = features;
    this.source = source;
    this.budget = budget;
    this.operations = operations;
    this.aftermath = aftermath;
    this.lookups = lookups;
    this.failovers = failovers;
  }

  void writeAndInvalidateEverything(SimulatedProcess process) {
    int a = source.commit("a");
    int b = source.commit("b");
    Way way = anyWay();
    allowByAnId();
    String what = process.host() + " " + way.words + " after " + a + ", " + b;
    if (features.faults() && scheduler.chance(0.2)) {
      scheduler.after("world", scheduler.upTo(Duration.ofMillis(30)), failovers::promotion);
    }
    operations.track(
        process,
        what,
        invalidated(process, way),
        (ended, failure) -> {
          aftermath.of(process, what, "a", a).accept(null, failure);
          aftermath.of(process, what, "b", b).accept(null, failure);
          Source.KEYS.forEach(key -> operations.now(() -> lookups.readNeighbour(process, key)));
        });
  }

  private Way anyWay() {
    if (features.tags() && scheduler.chance(0.5)) {
      return Way.TAG;
    }
    return scheduler.chance(0.3) ? Way.PATTERN : Way.CLEAR;
  }

  private static CompletableFuture<?> invalidated(SimulatedProcess process, Way way) {
    return switch (way) {
      case CLEAR -> process.async().clear();
      case TAG -> process.async().invalidateTag(Features.TAG);
      case PATTERN -> process.async().invalidateMatching("*");
    };
  }

  private void allowByAnId() {
    Source.KEYS.forEach(key -> budget.allow(key, LoadBudget.ALLOWED_BY_AN_ID));
  }

  void writeAndInvalidateLoaderTag(SimulatedProcess process) {
    int version = source.commit("b");
    allowByAnId();
    String what = process.host() + " invalidateTag of loaders after b:" + version;
    operations.track(
        process,
        what,
        process.async().invalidateTag(Features.LOADER_TAG),
        aftermath.of(process, what, "b", version));
  }
}
