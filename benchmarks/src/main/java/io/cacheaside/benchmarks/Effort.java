package io.cacheaside.benchmarks;

/**
 * How much is measured.
 *
 * @param rounds of the benchmarks of hits, in which all take turns
 * @param warmups iterations of each before what counts
 * @param iterations that count
 * @param iterationMillis the length of each
 * @param wakeWarmups loads with waiters before what counts
 * @param wakes loads that count
 */
record Effort(
    int rounds, int warmups, int iterations, int iterationMillis, int wakeWarmups, int wakes) {
  static final Effort QUICK = new Effort(3, 3, 5, 400, 1_000, 60);
  static final Effort FULL = new Effort(7, 5, 10, 1_000, 5_000, 600);
}
