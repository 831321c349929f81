package io.cacheaside.simulation.run;

import io.cacheaside.simulation.oracle.LoadBudget;
import io.cacheaside.simulation.oracle.Oracle;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The source of truth: each key has a version, which grows with each commit. */
final class Source {
  static final List<String> KEYS = List.of("a", "b");

  /** What is read of a key that was never committed. */
  static final String ABSENT = "absent";

  private final Scheduler scheduler;
  private final Features features;
  private final Oracle oracle;
  private final LoadBudget budget;
  private final Timeline timeline;
  private final Map<String, Integer> committed = new HashMap<>();

  Source(
      Scheduler scheduler, Features features, Oracle oracle, LoadBudget budget, Timeline timeline) {
    this.scheduler = scheduler;
    this.features = features;
    this.oracle = oracle;
    this.budget = budget;
    this.timeline = timeline;
  }

  String anyKey() {
    return KEYS.get(scheduler.random().nextInt(KEYS.size()));
  }

  /** Commits the next version of a key. */
  int commit(String key) {
    int version = committed.merge(key, 1, Integer::sum);
    budget.allow(key, 1);
    oracle.committed(key, version, scheduler.nowNanos());
    timeline.note("source commits " + value(key, version));
    return version;
  }

  /** Returns the last version of a key; 0 if there is none. */
  int committed(String key) {
    return committed.getOrDefault(key, 0);
  }

  /** Reads the value of a key, on a replica that may lag. */
  String read(String key) {
    long lagNanos = features.lagging() ? scheduler.upTo(features.sourceLag()).toNanos() : 0;
    int version = oracle.committedAt(key, scheduler.nowNanos() - lagNanos);
    timeline.note("source read " + value(key, version));
    return version == 0 ? ABSENT : value(key, version);
  }

  static String value(String key, int version) {
    return key + ":" + version;
  }

  static int version(String value) {
    return Integer.parseInt(value.substring(value.indexOf(':') + 1));
  }
}
