package io.cacheaside.simulation;

import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.NearCache;
import java.time.Duration;
import java.util.List;

/**
 * Which features the caches of a run have, by its seed; all processes of a run agree.
 *
 * @param stale whether values outlive their freshness and are refreshed early
 * @param tags whether entries have tags and a generation
 * @param barriers whether there are hold-offs and fences
 * @param near whether values are kept in each process
 */
record Features(boolean stale, boolean tags, boolean barriers, boolean near) {
  /** The tag that every key has. */
  static final String TAG = "all";

  /** The tag that loaders give to what they return for the key b. */
  static final String LOADER_TAG = "by loader";

  static final Duration MAX_STALENESS = Duration.ofMillis(500);

  static Features of(long seed) {
    return new Features(
        (seed / 4) % 2 == 1, (seed / 8) % 2 == 1, (seed / 16) % 2 == 1, (seed / 32) % 2 == 1);
  }

  CacheAsideBuilder<String, String> on(CacheAsideBuilder<String, String> builder) {
    if (stale) {
      builder
          .staleWhileRevalidate(Duration.ofSeconds(3))
          .staleIfError(Duration.ofSeconds(6))
          .softTimeout(Duration.ofMillis(200))
          .failureBackoff(Duration.ofMillis(100), Duration.ofSeconds(1))
          .earlyRefresh(EarlyRefresh.xFetch());
    }
    if (tags) {
      builder.tags(key -> List.of(TAG)).loaderTags().instantClear();
    }
    if (barriers) {
      builder
          .holdOff(Duration.ofMillis(400))
          .version(Features::versionOf)
          .fenceTime(Duration.ofSeconds(1));
    }
    if (near) {
      builder.nearCache(NearCache.ofEntries(100).maxStaleness(MAX_STALENESS).withAbsences());
    }
    return builder;
  }

  private static long versionOf(String value) {
    return Long.parseLong(value.substring(value.indexOf(':') + 1));
  }
}
