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
  static final Effort QUICK = new Effort(3, 5, 8, 200, 1_500, 60);
  static final Effort FULL = new Effort(7, 10, 20, 500, 5_000, 600);
}
