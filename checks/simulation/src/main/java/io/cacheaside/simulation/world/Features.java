package io.cacheaside.simulation.world;

import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.NearCache;
import java.time.Duration;
import java.util.List;

/**
 * Which features the caches of a run have, and the store, by its seed; all processes of a run
 * agree.
 *
 * @param faults whether processes, connections, servers and loaders fail
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
public record Features(
    boolean faults,
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
  public static final String TAG = "all";

  /** The tag that loaders give to what they return for the key b. */
  public static final String LOADER_TAG = "by loader";

  /** No feature, and nothing that goes wrong. */
  public static final Features NONE =
      new Features(
          false,
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

  public static final int BREAKER_TIMEOUTS = 3;

  /** How many loaders a process may run at a time in calm runs. */
  public static final int MAX_CONCURRENT_LOADS = 2;

  private static final Duration BREAKER_PAUSE = Duration.ofSeconds(1);

  public static final Duration HOLD_OFF = Duration.ofMillis(400);
  public static final Duration SOFT_TIMEOUT = Duration.ofMillis(200);
  private static final Duration SOURCE_LAG = HOLD_OFF.minusMillis(1);

  public static Features of(long seed) {
    boolean faults = seed % 4 != 0;
    boolean calm = !faults && !isIn(seed, 2) && !isIn(seed, 4);
    boolean hangs = calm && isIn(seed, 10) && !isIn(seed, 11) && isIn(seed, 12);
    return new Features(
        faults,
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
  public boolean isolated() {
    return calm && nodes && !tags;
  }

  /** Returns whether loaders read a replica of the source that lags. */
  public boolean lagging() {
    return !faults && barriers && lag;
  }

  /** Returns how much later than its commit a loader may see a write. */
  public Duration sourceLag() {
    return lagging() ? SOURCE_LAG : Duration.ZERO;
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
      builder.maxConcurrentLoads(MAX_CONCURRENT_LOADS);
    }
    return builder;
  }

  private static long versionOf(String value) {
    return Long.parseLong(value.substring(value.indexOf(':') + 1));
  }
}
