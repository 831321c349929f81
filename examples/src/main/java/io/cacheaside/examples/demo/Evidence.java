package io.cacheaside.examples.demo;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What was counted in a scenario, and whether it is what the scenario claims. Immutable. */
record Evidence(List<Count> counts) {

  /**
   * One count.
   *
   * @param text what was counted and how often
   * @param asClaimed whether it is what the scenario claims
   */
  record Count(String text, boolean asClaimed) {}

  static Evidence of(Count... counts) {
    return new Evidence(List.of(counts));
  }

  /** Returns the evidence of a scenario that did not come to its end. */
  static Evidence ofFailure(Throwable failure) {
    return of(new Count("it failed: " + failure, false));
  }

  /** Returns a count that has to be an exact number. */
  static Count exactly(long claimed, long seen, String what) {
    return count(seen, what, seen == claimed, Long.toString(claimed));
  }

  /** Returns a count that has to reach a number. */
  static Count atLeast(long claimed, long seen, String what) {
    return count(seen, what, seen >= claimed, claimed + " or more");
  }

  private static Count count(long seen, String what, boolean asClaimed, String claimed) {
    String text = String.format(Locale.ROOT, "%,d %s", seen, what);
    return new Count(asClaimed ? text : text + " (NOT " + claimed + ")", asClaimed);
  }

  boolean isAsClaimed() {
    return counts.stream().allMatch(Count::asClaimed);
  }

  @Override
  public String toString() {
    return counts.stream().map(Count::text).collect(Collectors.joining(", "));
  }
}
