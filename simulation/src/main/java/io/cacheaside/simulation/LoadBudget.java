package io.cacheaside.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How often the source may be read while nothing goes wrong: a key once for all processes, and once
 * more for each operation that takes its value away or asks for a load of its own, and for each
 * time that it may have expired (G3); and no process more often at a time than its cache allows
 * (G9).
 */
final class LoadBudget {
  static final int MAX_CONCURRENT = 2;

  /**
   * What ends an id that several readers then replace: one to whom others were faster loads, too.
   * That comes on top of the load for the commit, and covers the two ids, one after the other, that
   * a tag has where loaders name tags.
   */
  static final int ALLOWED_BY_AN_ID = 2;

  private final Duration shortestTtl;
  private final Map<String, Integer> allowed = new HashMap<>();
  private final Map<String, Integer> loads = new HashMap<>();
  private final Map<String, Integer> running = new HashMap<>();

  LoadBudget(Duration shortestTtl) {
    this.shortestTtl = shortestTtl;
  }

  void allow(String key, int more) {
    allowed.merge(key, more, Integer::sum);
  }

  /**
   * Counts the load of a key. Each shape of values loads for itself, because none can read what
   * another one has written.
   */
  void loaded(String key, int shape, Duration elapsed) {
    int count = loads.merge(shape + key, 1, Integer::sum);
    long most = 1 + allowed.getOrDefault(key, 0) + elapsed.dividedBy(shortestTtl);
    if (count > most) {
      throw new Simulation.Broken("G3", count + " loads of " + key + ", " + most + " are allowed");
    }
  }

  /** Counts a call of a loader, which may be for several keys. */
  void begun(String host) {
    int count = running.merge(host, 1, Integer::sum);
    if (count > MAX_CONCURRENT) {
      throw new Simulation.Broken("G9", count + " loaders run at a time in " + host);
    }
  }

  void ended(String host) {
    running.merge(host, -1, Integer::sum);
  }
}
