package io.cacheaside.verification.history;

import java.util.Set;

/**
 * One fault in the course of a run.
 *
 * @param process the worker that it is about, or -1
 * @param life which of its lives
 * @param lost keys whose last updates may be lost, because a replica has taken over without notice
 * @param splitNanos when a primary went on after its replica had taken over; never as a rule
 * @param beginNanos taken before it began
 * @param endNanos taken when it was over
 * @param settledNanos taken when all workers had reached the store again
 */
record Episode(
    Fault fault,
    String what,
    int process,
    int life,
    Set<Integer> lost,
    long splitNanos,
    long beginNanos,
    long endNanos,
    long settledNanos) {

  static final long NEVER_NANOS = Long.MAX_VALUE;

  /** Whether two servers may have had the same keys at some moment in a span of time. */
  boolean isSplit(long fromNanos, long toNanos) {
    return splitNanos <= toNanos && endNanos >= fromNanos;
  }

  boolean overlaps(long fromNanos, long toNanos) {
    return beginNanos <= toNanos && endNanos >= fromNanos;
  }
}
