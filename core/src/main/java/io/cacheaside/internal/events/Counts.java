package io.cacheaside.internal.events;

import io.cacheaside.CacheStats;
import io.cacheaside.LatencyHistogram;
import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;

/** All that is counted, at one moment. */
record Counts(
    long hits,
    long misses,
    long loads,
    long loadFailures,
    Duration loadTime,
    long coalesced,
    long fills,
    long puts,
    long refusedFills,
    long skippedFills,
    long invalidations,
    long decodeFailures,
    long storeFailures,
    long storeSkips,
    long staleServed,
    long fallbacksServed,
    long refreshes,
    long sharedFailures,
    long rejectedLoads,
    long cancelledLoads,
    long replayedInvalidations,
    long unconfirmedInvalidations,
    long nearHits,
    long nearEntries,
    long nearEvictions,
    long changesTold,
    Map<ChangeListener.Cause, Long> flushes,
    Duration timeUntold,
    LatencyHistogram propagation)
    implements CacheStats {

  Counts {
    flushes = Map.copyOf(flushes);
  }

  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "CacheStats[", "]");
    text.add("hits=" + hits()).add("misses=" + misses());
    add(text, "loads", loads());
    add(text, "loadFailures", loadFailures());
    add(text, "averageLoadTime", averageLoadTime());
    add(text, "coalesced", coalesced());
    add(text, "fills", fills());
    add(text, "puts", puts());
    add(text, "refusedFills", refusedFills());
    add(text, "skippedFills", skippedFills());
    add(text, "invalidations", invalidations());
    add(text, "decodeFailures", decodeFailures());
    add(text, "storeFailures", storeFailures());
    add(text, "storeSkips", storeSkips());
    add(text, "staleServed", staleServed());
    add(text, "fallbacksServed", fallbacksServed());
    add(text, "refreshes", refreshes());
    add(text, "sharedFailures", sharedFailures());
    add(text, "rejectedLoads", rejectedLoads());
    add(text, "cancelledLoads", cancelledLoads());
    add(text, "replayedInvalidations", replayedInvalidations());
    add(text, "unconfirmedInvalidations", unconfirmedInvalidations());
    add(text, "nearHits", nearHits());
    add(text, "nearEntries", nearEntries());
    add(text, "nearEvictions", nearEvictions());
    add(text, "changesTold", changesTold());
    for (ChangeListener.Cause cause : ChangeListener.Cause.values()) {
      add(text, "flushes." + cause, flushes().getOrDefault(cause, 0L));
    }
    add(text, "timeUntold", timeUntold());
    propagation().percentile(0.99).ifPresent(most -> add(text, "propagation99", most));
    return text.toString();
  }

  private static void add(StringJoiner text, String name, long count) {
    if (count != 0) {
      text.add(name + "=" + count);
    }
  }

  private static void add(StringJoiner text, String name, Duration time) {
    if (!time.isZero()) {
      long micros = time.toNanos() / 1_000;
      text.add(name + "=" + micros / 1e3 + " ms");
    }
  }
}
