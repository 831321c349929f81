package io.cacheaside.simulation;

import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.NearCache;
import java.time.Duration;
import java.util.List;

/**
 * Which features the caches of a run have, and the store, by its seed; all processes of a run
 * agree.
 *
 * @param stale whether values outlive their freshness and are refreshed early
 * @param tags whether entries have tags and a generation
 * @param barriers whether there are hold-offs and fences
 * @param near whether values are kept in each process
 * @param maxStaleness for how long those may be used without news
 * @param echo whether the server tells changes to who has made them, too
 * @param copies whether invalidations wait for replicas
 * @param lag whether loaders read a replica of the source that lags, if nothing else may go wrong
 * @param calm whether nothing goes wrong and nothing but the guarantees allows loads, so that these
 *     can be counted
 * @param errors whether processes meet errors of their virtual machine
 * @param nodes whether the store has several nodes
 * @param shapes whether processes have two versions of a class, which share their schema version
 * @param hangs whether loaders may never return, and leases are long, while nothing else goes wrong
 */
record Features(
    boolean stale,
    boolean tags,
    boolean barriers,
    boolean near,
    Duration maxStaleness,
    boolean echo,
    boolean copies,
    boolean lag,
    boolean calm,
    boolean errors,
    boolean nodes,
    boolean shapes,
    boolean hangs) {
  /** The tag that every key has. */
  static final String TAG = "all";

  /** The tag that loaders give to what they return for the key b. */
  static final String LOADER_TAG = "by loader";

  /** No feature, and nothing that goes wrong. */
  static final Features NONE =
      new Features(
          false,
          false,
          false,
          false,
          Duration.ZERO,
          false,
          false,
          false,
          true,
          false,
          false,
          false,
          false);

  static final int BREAKER_TIMEOUTS = 3;
  private static final Duration BREAKER_PAUSE = Duration.ofSeconds(1);

  static final Duration HOLD_OFF = Duration.ofMillis(400);
  static final Duration SOFT_TIMEOUT = Duration.ofMillis(200);

  static Features of(long seed) {
    boolean calm = seed % 4 == 0 && !isIn(seed, 2) && !isIn(seed, 4);
    boolean hangs = calm && isIn(seed, 10) && !isIn(seed, 11) && isIn(seed, 12);
    return new Features(
        isIn(seed, 2),
        isIn(seed, 3),
        isIn(seed, 4),
        isIn(seed, 5),
        Duration.ofMillis(isIn(seed, 6) ? 3_000 : 500),
        isIn(seed, 7),
        isIn(seed, 8),
        isIn(seed, 9),
        calm,
        isIn(seed, 10),
        isIn(seed, 11),
        isIn(seed, 12) && !hangs,
        hangs);
  }

  /**
   * Returns whether nothing fails but one node, whose failure concerns only the keys that it has.
   * Tags and generations are keys on which all entries depend.
   */
  boolean isolated() {
    return calm && nodes && !tags;
  }

  private static boolean isIn(long seed, int bit) {
    return (seed >> bit & 1) == 1;
  }

  CacheAsideBuilder<String, String> on(CacheAsideBuilder<String, String> builder) {
    if (stale) {
      builder
          .staleWhileRevalidate(Duration.ofSeconds(3))
          .staleIfError(Duration.ofSeconds(6))
          .softTimeout(SOFT_TIMEOUT)
          .failureBackoff(Duration.ofMillis(100), Duration.ofSeconds(1))
          .earlyRefresh(EarlyRefresh.xFetch());
    }
    if (tags) {
      builder.tags(key -> List.of(TAG)).loaderTags().instantClear();
    }
    if (barriers) {
      builder.holdOff(HOLD_OFF).version(Features::versionOf).fenceTime(Duration.ofSeconds(1));
    }
    if (near) {
      builder.nearCache(NearCache.ofEntries(100).maxStaleness(maxStaleness).withAbsences());
    }
    if (nodes) {
      builder.circuitBreaker(BREAKER_TIMEOUTS, BREAKER_PAUSE);
    }
    if (calm) {
      builder.maxConcurrentLoads(LoadBudget.MAX_CONCURRENT);
    }
    return builder;
  }

  private static long versionOf(String value) {
    return Long.parseLong(value.substring(value.indexOf(':') + 1));
  }
}
