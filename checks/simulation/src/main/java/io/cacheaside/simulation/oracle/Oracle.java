package io.cacheaside.simulation.oracle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows which versions a read may return.
 *
 * <p>An invalidation that returned raises the least version of its key to the one that was
 * committed when it was called, for every read that begins afterwards (G1), but for near reads in
 * other processes, for which it does so a little later (G2). One that failed raises it for the
 * process that made it (G5). None of that holds for what a failover has lost: what was done on the
 * old primary after the last moment that the new one knows of, unless copies were awaited.
 */
public final class Oracle {
  private final boolean copies;
  private final long lagNanos;
  private final Map<String, Long> vouchedUntilNanos = new HashMap<>();
  private final Map<String, Long> committedNanos = new HashMap<>();
  private final List<Invalidated> history = new ArrayList<>();
  private final List<Failover> failovers = new ArrayList<>();
  private final List<Isolation> isolations = new ArrayList<>();

  /**
   * One invalidation that returned or failed.
   *
   * @param begunNanos no later than it began
   * @param copied whether it has waited for copies
   */
  private record Invalidated(
      String host,
      String key,
      int version,
      boolean failed,
      long begunNanos,
      long endedNanos,
      boolean copied) {

    boolean isLostIn(Failover failover) {
      boolean before = begunNanos < failover.atNanos();
      return !copied && before && (failed || endedNanos >= failover.lostSinceNanos());
    }
  }

  /**
   * A time in which one process reached the old primary alone.
   *
   * @param untilNanos the latest moment there is, while it has not ended
   */
  private record Isolation(String host, long fromNanos, long untilNanos) {

    boolean loses(Invalidated past) {
      boolean here = past.host().equals(host) && past.begunNanos() < untilNanos;
      return here && !past.copied() && past.endedNanos() >= fromNanos;
    }

    /** Returns whether what began at a moment in a process need not know of an invalidation. */
    boolean hides(Invalidated past, String reader, long atNanos) {
      boolean inside = reader.equals(host) && fromNanos <= atNanos && atNanos < untilNanos;
      return inside && !past.host().equals(host) && past.endedNanos() >= fromNanos;
    }
  }

  private record Failover(long lostSinceNanos, long atNanos) {}

  /**
   * Creates an oracle that knows nothing yet.
   *
   * @param copies whether invalidations wait for copies
   * @param lag how much later than its commit a write may be seen by a loader
   */
  public Oracle(boolean copies, Duration lag) {
    this.copies = copies;
    this.lagNanos = lag.toNanos();
  }

  /** The least versions that one read may return; a failover while it runs lowers them. */
  public final class Least {
    private final String guarantee;
    private final String host;
    private final String key;
    private final long untilNanos;
    private final int known = history.size();
    private final long begunNanos;

    private Least(String guarantee, String host, String key, long untilNanos, long begunNanos) {
      this.guarantee = lagNanos == 0 ? guarantee : "G10";
      this.begunNanos = begunNanos;
      this.host = host;
      this.key = key;
      this.untilNanos = untilNanos;
    }

    /** Returns the guarantee that a read breaks which returns a version; null if it may. */
    public @Nullable String brokenBy(int version) {
      List<Invalidated> counting = countingFor(history.subList(0, known), key, version);
      if (version < here(counting, false)) {
        return lagNanos == 0 ? "G1" : "G10";
      }
      if (version < everywhere(counting)) {
        return guarantee;
      }
      return version < here(counting, true) ? "G5" : null;
    }

    private int everywhere(List<Invalidated> counting) {
      return leastAt(counting, host, key, untilNanos, begunNanos);
    }

    private int here(List<Invalidated> counting, boolean failed) {
      return counting.stream()
          .filter(past -> past.key().equals(key) && past.host().equals(host))
          .filter(past -> past.failed() == failed && !isLost(past))
          .filter(past -> isSeenAt(past, begunNanos))
          .mapToInt(Invalidated::version)
          .max()
          .orElse(0);
    }

    @Override
    public String toString() {
      List<Invalidated> all = history.subList(0, known);
      return "at least " + Math.max(everywhere(all), Math.max(here(all, false), here(all, true)));
    }
  }

  // ---- What has happened ------------------------------------------------------------------------

  public void committed(String key, int version, long nowNanos) {
    committedNanos.put(key + ":" + version, nowNanos);
  }

  /**
   * Notes an invalidation that returned.
   *
   * @param waited whether it is one that waits for copies, if the store is to do so
   */
  public void invalidated(String host, String key, int version, long nowNanos, boolean waited) {
    note(host, key, version, false, nowNanos, waited && copies);
  }

  public void invalidationFailed(String host, String key, int version, long nowNanos) {
    note(host, key, version, true, nowNanos, copies);
  }

  private void note(
      String host, String key, int version, boolean failed, long nowNanos, boolean copied) {
    long begunNanos = committedNanos.getOrDefault(key + ":" + version, nowNanos);
    history.add(new Invalidated(host, key, version, failed, begunNanos, nowNanos, copied));
  }

  /** Notes that another primary took over which may not know what was done since a moment. */
  public void failedOver(long lostSinceNanos, long nowNanos) {
    failovers.add(new Failover(lostSinceNanos, nowNanos));
  }

  public void isolated(String host, long nowNanos) {
    isolations.add(new Isolation(host, nowNanos, Long.MAX_VALUE));
  }

  /** Notes that an isolated process reaches the new primary again. */
  public void reunited(String host, long nowNanos) {
    isolations.replaceAll(
        one ->
            one.host().equals(host) && one.untilNanos() == Long.MAX_VALUE
                ? new Isolation(host, one.fromNanos(), nowNanos)
                : one);
  }

  /** Permits that a version is read whatever was invalidated, because a caller puts it. */
  public void vouch(String key, int version) {
    vouchedUntilNanos.put(key + ":" + version, Long.MAX_VALUE);
  }

  /** Limits that permission to invalidations that began before the end of the put. */
  public void vouchUntil(String key, int version, long nanos) {
    vouchedUntilNanos.computeIfPresent(key + ":" + version, (one, until) -> nanos);
  }

  /** Ends that permission: the put ended well, and nothing newer was committed before. */
  public void noLongerVouch(String key, int version) {
    vouchedUntilNanos.remove(key + ":" + version);
  }

  /** Returns whether some version of a key may be read, and updated, whatever was invalidated. */
  public boolean vouchesFor(String key) {
    return vouchedUntilNanos.keySet().stream().anyMatch(one -> one.startsWith(key + ":"));
  }

  // ---- What may be read -------------------------------------------------------------------------

  /** Returns what a read may return that begins now and asks the store. */
  public Least leastOf(String host, String key, long nowNanos) {
    return new Least("G1", host, key, Long.MAX_VALUE, nowNanos);
  }

  /** Returns what a read may return that accepts what was current at some moment since then. */
  public Least leastNearOf(String host, String key, long sinceNanos, long nowNanos) {
    return new Least("G2", host, key, sinceNanos, nowNanos);
  }

  /** Returns the least version that was required in a process at a moment, instead of another. */
  int leastAt(String host, String key, long atNanos, int version) {
    List<Invalidated> counting = countingFor(history, key, version);
    int failedHere =
        counting.stream()
            .filter(past -> past.failed() && past.key().equals(key) && past.host().equals(host))
            .filter(past -> past.endedNanos() < atNanos && !isLost(past))
            .filter(past -> isSeenAt(past, atNanos))
            .mapToInt(Invalidated::version)
            .max()
            .orElse(0);
    return Math.max(leastAt(counting, host, key, atNanos, atNanos), failedHere);
  }

  private int leastAt(
      List<Invalidated> known, String host, String key, long atNanos, long loadNanos) {
    return known.stream()
        .filter(past -> !past.failed() && past.key().equals(key) && past.endedNanos() < atNanos)
        .filter(past -> !isLost(past) && isSeenAt(past, loadNanos))
        .filter(past -> isolations.stream().noneMatch(i -> i.hides(past, host, loadNanos)))
        .mapToInt(Invalidated::version)
        .max()
        .orElse(0);
  }

  /** Returns whether a load that begins at a moment sees what an invalidation was about. */
  private boolean isSeenAt(Invalidated past, long loadNanos) {
    return past.begunNanos() <= loadNanos - lagNanos || lagNanos == 0;
  }

  /** Returns the version that a key of the source had at a moment. */
  public int committedAt(String key, long nanos) {
    int version = 0;
    while (committedNanos.getOrDefault(key + ":" + (version + 1), Long.MAX_VALUE) <= nanos) {
      version++;
    }
    return version;
  }

  /** Returns what has ended a version: if a caller vouched for it, what began after that. */
  private List<Invalidated> countingFor(List<Invalidated> known, String key, int version) {
    long vouched = vouchedUntilNanos.getOrDefault(key + ":" + version, Long.MIN_VALUE);
    return known.stream().filter(past -> past.begunNanos() > vouched).toList();
  }

  private boolean isLost(Invalidated past) {
    return failovers.stream().anyMatch(past::isLostIn)
        || isolations.stream().anyMatch(isolation -> isolation.loses(past));
  }
}
