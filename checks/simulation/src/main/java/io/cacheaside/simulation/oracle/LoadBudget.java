package io.cacheaside.simulation.oracle;

import io.cacheaside.simulation.world.Features;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How often the source may be read while nothing goes wrong: a key once for all processes, and once
 * more for each operation that takes its value away or asks for a load of its own, and for each
 * time that it may have expired (G3); and no process more often at a time than its cache allows
 * (G9).
 */
public final class LoadBudget {
  /**
   * What ends an id that several readers then replace: one to whom others were faster loads, too.
   * That comes on top of the load for the commit, and covers the two ids, one after the other, that
   * a tag has where loaders name tags.
   */
  public static final int ALLOWED_BY_AN_ID = 2;

  private final Duration shortestTtl;
  private final Map<String, Integer> allowed = new HashMap<>();
  private final Map<String, Integer> loads = new HashMap<>();
  private final Map<String, Integer> running = new HashMap<>();

  public LoadBudget(Duration shortestTtl) {
    this.shortestTtl = shortestTtl;
  }

  public void allow(String key, int more) {
    allowed.merge(key, more, Integer::sum);
  }

  /**
   * Counts the load of a key. Each shape of values loads for itself, because none can read what
   * another one has written.
   */
  public void loaded(String key, int shape, Duration elapsed) {
    int count = loads.merge(shape + key, 1, Integer::sum);
    long most = 1 + allowed.getOrDefault(key, 0) + elapsed.dividedBy(shortestTtl);
    if (count > most) {
      throw new Broken("G3", count + " loads of " + key + ", " + most + " are allowed");
    }
  }

  /** Counts a call of a loader, which may be for several keys. */
  public void begun(String host) {
    int count = running.merge(host, 1, Integer::sum);
    if (count > Features.MAX_CONCURRENT_LOADS) {
      throw new Broken("G9", count + " loaders run at a time in " + host);
    }
  }

  public void ended(String host) {
    running.merge(host, -1, Integer::sum);
  }
}
