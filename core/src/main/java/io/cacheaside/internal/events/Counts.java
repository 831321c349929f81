package io.cacheaside.internal.events;

import io.cacheaside.CacheStats;
import io.cacheaside.LatencyHistogram;
import io.cacheaside.internal.entry.Printable;
import io.cacheaside.store.ChangeListener;
import java.time.Duration;
import java.util.Map;

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

  /** One line for reads, one for loads, and so on; counts of zero are left out. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("hits=" + hits() + ", misses=" + misses());
    text.append(", hitRatio=").append(Math.round(hitRatio() * 1_000) / 10.0).append(" %");
    line(text)
        .add("loads", loads())
        .add("averageLoadTime", averageLoadTime())
        .add("loadFailures", loadFailures())
        .add("coalesced", coalesced())
        .add("sharedFailures", sharedFailures())
        .add("rejectedLoads", rejectedLoads())
        .add("cancelledLoads", cancelledLoads())
        .add("refreshes", refreshes())
        .add("staleServed", staleServed())
        .add("fallbacksServed", fallbacksServed());
    line(text)
        .add("fills", fills())
        .add("puts", puts())
        .add("refusedFills", refusedFills())
        .add("skippedFills", skippedFills())
        .add("decodeFailures", decodeFailures());
    line(text)
        .add("invalidations", invalidations())
        .add("unconfirmedInvalidations", unconfirmedInvalidations())
        .add("replayedInvalidations", replayedInvalidations())
        .add("storeFailures", storeFailures())
        .add("storeSkips", storeSkips());
    Line near =
        line(text)
            .add("nearHits", nearHits())
            .add("nearEntries", nearEntries())
            .add("nearEvictions", nearEvictions())
            .add("changesTold", changesTold());
    for (ChangeListener.Cause cause : ChangeListener.Cause.values()) {
      near.add("flushes." + cause, flushes().getOrDefault(cause, 0L));
    }
    near.add("timeUntold", timeUntold());
    propagation().percentile(0.99).ifPresent(most -> near.add("propagation99", most));
    return text.toString();
  }

  private static Line line(StringBuilder text) {
    return new Line(text);
  }

  /** A line that begins with its first count. */
  private static final class Line {
    private final StringBuilder text;
    private String before = "\n";

    Line(StringBuilder text) {
      this.text = text;
    }

    Line add(String name, long count) {
      return count == 0 ? this : add(name, Long.toString(count));
    }

    Line add(String name, Duration time) {
      return time.isZero() ? this : add(name, Printable.rounded(time));
    }

    private Line add(String name, String value) {
      text.append(before).append(name).append('=').append(value);
      before = ", ";
      return this;
    }
  }
}
