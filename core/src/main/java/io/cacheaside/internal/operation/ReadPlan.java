package io.cacheaside.internal.operation;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.read.Snapshot;
import java.util.OptionalLong;

/**
 * What a read does with what it has found. {@link ReadPlans} decides it; {@code get} follows it,
 * and {@code explain} says it.
 */
enum ReadPlan {
  /** Return it. */
  SERVE("returns it"),
  /** Return it, and refresh it in the background before it is too old. */
  SERVE_EARLY("returns it and may refresh it"),
  /** Return it although it is stale, and refresh it in the background. */
  SERVE_STALE("returns it and refreshes it in the background"),
  /** Load, while it stays where it is. */
  RELOAD("loads it first"),
  /** Load under a lease. */
  LOAD("loads it"),
  /** Wait for a load under way. */
  SHARE("waits for that load"),
  /** Fail as a load has failed. */
  FAIL("fails at once for a while"),
  /** Load after a load has failed. */
  LOAD_AGAIN("loads it again"),
  /** Load without waiting for others, and let nobody wait. */
  LOAD_UNSHARED("loads it and waits for nobody"),
  /** Load, and store no older version than a barrier allows. */
  LOAD_BEHIND_BARRIER("loads it and caches"),
  /** Load, and leave it alone. */
  LOAD_AROUND("loads from the source and leaves it alone"),
  /** Load under a lease in its place. */
  REPLACE("replaces it"),
  /** Remove bytes that have no id, and read again. */
  REMOVE("replaces it");

  private final String words;

  ReadPlan(String words) {
    this.words = words;
  }

  /** Returns what a read does, in words that follow "a read". */
  String inWords(Snapshot found) {
    return switch (this) {
      case SERVE -> found.entry().is(Entry.Kind.ABSENT) ? "returns null" : words;
      case LOAD_BEHIND_BARRIER -> words + ' ' + whatIsCached(found.entry().minVersion());
      default -> words;
    };
  }

  private static String whatIsCached(OptionalLong leastVersion) {
    return leastVersion.isEmpty()
        ? "nothing"
        : "it from version " + leastVersion.getAsLong() + " on";
  }
}
