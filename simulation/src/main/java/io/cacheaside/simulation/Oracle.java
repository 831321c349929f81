package io.cacheaside.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows which versions a read may return.
 *
 * <p>An invalidation that returned raises the least version of its key to the one that was
 * committed when it was called, for every read that begins afterwards (G1), but for near reads in
 * other processes, for which it does so a little later (G2). One that failed raises it for the
 * process that made it (G5).
 */
final class Oracle {
  private final Map<String, Integer> everywhere = new HashMap<>();
  private final Map<String, Integer> here = new HashMap<>();
  private final Map<String, Integer> failedHere = new HashMap<>();
  private final Set<String> vouched = new HashSet<>();
  private final List<Invalidated> history = new ArrayList<>();

  /**
   * One invalidation.
   *
   * @param where the key, or {@link #at} for what failed and counts in one process alone
   */
  private record Invalidated(String where, int version, long atNanos) {}

  /**
   * The least versions that one read may return.
   *
   * @param guarantee which requires the first of them
   * @param everywhere because of invalidations of any process
   * @param here because of those of the process that reads
   * @param failedHere because of those of that process that failed
   */
  record Least(String guarantee, int everywhere, int here, int failedHere) {

    /** Returns the guarantee that a read breaks which returns a version; null if it may. */
    @Nullable String brokenBy(int version) {
      if (version < here) {
        return "G1";
      }
      if (version < everywhere) {
        return guarantee;
      }
      return version < failedHere ? "G5" : null;
    }

    @Override
    public String toString() {
      return "at least " + Math.max(everywhere, Math.max(here, failedHere));
    }
  }

  void invalidated(String host, String key, int version, long nowNanos) {
    everywhere.merge(key, version, Math::max);
    here.merge(at(host, key), version, Math::max);
    history.add(new Invalidated(key, version, nowNanos));
  }

  void invalidationFailed(String host, String key, int version, long nowNanos) {
    failedHere.merge(at(host, key), version, Math::max);
    history.add(new Invalidated(at(host, key), version, nowNanos));
  }

  /** Permits that a version is read whatever was invalidated, because a caller puts it. */
  void vouch(String key, int version) {
    vouched.add(key + ":" + version);
  }

  /** Ends that permission: the put ended well, and nothing newer was committed before. */
  void noLongerVouch(String key, int version) {
    vouched.remove(key + ":" + version);
  }

  boolean isVouchedFor(String key, int version) {
    return vouched.contains(key + ":" + version);
  }

  /** Returns what a read may return that begins now and asks the store. */
  Least leastOf(String host, String key) {
    return least("G1", host, key, everywhere.getOrDefault(key, 0));
  }

  /** Returns what a read may return that accepts what was current at some moment since then. */
  Least leastNearOf(String host, String key, long sinceNanos) {
    return least("G2", host, key, leastAt(key, sinceNanos));
  }

  /** Returns the least version that was required in a process at a moment. */
  int leastAt(String host, String key, long atNanos) {
    return Math.max(leastAt(key, atNanos), leastAt(at(host, key), atNanos));
  }

  private int leastAt(String where, long atNanos) {
    int least = 0;
    for (Invalidated past : history) {
      if (past.where().equals(where) && past.atNanos() < atNanos) {
        least = Math.max(least, past.version());
      }
    }
    return least;
  }

  private Least least(String guarantee, String host, String key, int everywhere) {
    String at = at(host, key);
    return new Least(
        guarantee, everywhere, here.getOrDefault(at, 0), failedHere.getOrDefault(at, 0));
  }

  private static String at(String host, String key) {
    return host + " " + key;
  }
}
