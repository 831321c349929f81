package io.cacheaside.simulation.run;

import io.cacheaside.AsyncBulkLoader;
import io.cacheaside.AsyncContextLoader;
import io.cacheaside.AsyncLoader;
import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SickNode;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The loaders of all processes: slow, failing, hanging where a run allows it, and counted. */
final class Loaders {
  private static final Duration LONGEST_WAY = Duration.ofMillis(30);
  private static final Duration LOAD_TIME = Duration.ofMillis(600);
  private static final Duration SLOW_LOAD_TIME = Duration.ofSeconds(4);

  private final Scheduler scheduler;
  private final Features features;
  private final Source source;
  private final LoadBudget budget;
  private final HungLoads hung;
  private final @Nullable SickNode sick;
  private final Verdicts verdicts;
  private final Timeline timeline;
  private int calls;

  Loaders(
      Scheduler scheduler,
      Features features,
      Source source,
      LoadBudget budget,
      HungLoads hung,
      @Nullable SickNode sick,
      Verdicts verdicts,
      Timeline timeline) {
    this.scheduler = scheduler;
    this.features = features;
    this.source = source;
    this.budget = budget;
    this.hung = hung;
    this.sick = sick;
    this.verdicts = verdicts;
    this.timeline = timeline;
  }

  private static final class SourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Returns how often a loader was called. */
  int calls() {
    return calls;
  }

  // ---- Loaders of a process ---------------------------------------------------------------------

  /** Returns the loader for a read that begins now. */
  AsyncContextLoader<String, String> of(SimulatedProcess process, String key) {
    AsyncContextLoader<String, String> loader = deciding(process);
    return sick == null ? loader : behindTheStore(process, key, sick, loader);
  }

  /** Where nothing is sick but one node, a read must not bypass a store that answers. */
  private <V> AsyncContextLoader<String, V> behindTheStore(
      SimulatedProcess process,
      String key,
      SickNode sickNode,
      AsyncContextLoader<String, V> loader) {
    long before = answersAbout(process, key);
    return (loaded, context) -> {
      if (!sickNode.has(key) && answersAbout(process, key) == before) {
        verdicts.broken("G3", process.host() + " loads " + key + " around a healthy node");
      }
      return loader.load(loaded, context);
    };
  }

  private static long answersAbout(SimulatedProcess process, String key) {
    return process.store().answersAt(SimulatedProcess.CACHE + ":" + key);
  }

  /** A loader that now and then decides something about what it returns. */
  private AsyncContextLoader<String, String> deciding(SimulatedProcess process) {
    AsyncLoader<String, String> plain = plain(process);
    return (key, context) ->
        counted(process, () -> plain.load(key))
            .thenApply(
                value -> {
                  if (features.tags() && key.equals("b")) {
                    context.tags(Features.LOADER_TAG);
                  }
                  if (!features.calm() && scheduler.chance(0.05)) {
                    context.doNotCache();
                  }
                  boolean same = value != null && context.oldValue().equals(Optional.of(value));
                  return same ? context.notModified() : value;
                });
  }

  AsyncBulkLoader<String, String> bulk(SimulatedProcess process) {
    AsyncLoader<String, String> plain = plain(process);
    return keys -> {
      Map<String, CompletableFuture<String>> values = new HashMap<>();
      for (String key : keys) {
        values.put(key, plain.load(key).toCompletableFuture().thenApply(v -> v));
      }
      return counted(process, () -> allOf(values)).thenApply(all -> joined(values));
    };
  }

  private static CompletionStage<Void> allOf(Map<String, CompletableFuture<String>> values) {
    return CompletableFuture.allOf(values.values().toArray(CompletableFuture[]::new));
  }

  private static Map<String, String> joined(Map<String, CompletableFuture<String>> values) {
    Map<String, String> joined = new HashMap<>();
    values.forEach((key, value) -> joined.put(key, value.join()));
    return joined;
  }

  /** Returns the loader of the other cache, whose source never changes. */
  AsyncLoader<String, String> neighbour(SimulatedProcess process) {
    return key -> {
      timeline.note(process.host() + " loads neighbour's " + key);
      return process.later(LONGEST_WAY, () -> neighbourValue(key));
    };
  }

  static String neighbourValue(String key) {
    return "neighbour's " + key;
  }

  private AsyncLoader<String, String> plain(SimulatedProcess process) {
    return key -> {
      calls++;
      timeline.note(process.host() + " loads " + key);
      count(process, key);
      if (hung.nextHangs() || (features.faults() && scheduler.chance(0.03))) {
        return new CompletableFuture<>();
      }
      boolean fails = features.faults() && scheduler.chance(0.05);
      CompletableFuture<String> read =
          process.later(LONGEST_WAY, () -> fails ? "" : source.read(key));
      return read.thenCompose(
          value ->
              value.isEmpty()
                  ? CompletableFuture.failedFuture(new SourceException())
                  : process.later(loadTime(), () -> value.equals(Source.ABSENT) ? null : value));
    };
  }

  private Duration loadTime() {
    return features.faults() && scheduler.chance(0.05) ? SLOW_LOAD_TIME : LOAD_TIME;
  }

  // ---- How much is loaded -----------------------------------------------------------------------

  /** Calls a loader, which must not be one too many. */
  private <T> CompletionStage<T> counted(
      SimulatedProcess process, Callable<CompletionStage<T>> loader) throws Exception {
    if (!features.calm() || features.hangs()) {
      return loader.call();
    }
    verdicts.checkInside(() -> budget.begun(process.host()));
    return loader.call().whenComplete((value, failure) -> budget.ended(process.host()));
  }

  private void count(SimulatedProcess process, String key) {
    if (areCounted(key)) {
      Duration elapsed = Duration.ofNanos(scheduler.elapsedNanos());
      verdicts.checkInside(() -> budget.loaded(key, process.shape(), elapsed));
    }
  }

  /**
   * Returns whether the loads of a key are bounded: nothing goes wrong but a node that the key is
   * not on, and no two shapes replace each other's values, as they do where loaders name tags.
   */
  private boolean areCounted(String key) {
    boolean taggedByLoader = features.tags() && key.equals("b");
    return features.calm()
        && !features.hangs()
        && (sick == null || !sick.has(key))
        && !(features.shapes() && taggedByLoader);
  }
}
