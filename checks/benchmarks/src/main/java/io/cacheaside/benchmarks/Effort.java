package io.cacheaside.benchmarks;

/**
 * How much is measured.
 *
 * @param rounds of the benchmarks of near hits, in which all take turns
 * @param peerRounds of those which take so much longer that few will do
 * @param warmups iterations of each before what counts
 * @param iterations that count
 * @param iterationMillis the length of each
 * @param firstLaps of each of those that go through much code, before its first race
 * @param warmUpLaps of each in a race before what counts
 * @param laps of each in a race that count
 * @param lapMillis the length of each
 * @param wakeWarmups loads with waiters before what counts
 * @param wakes loads that count
 * @param stampedes of each before what counts, and as many that count
 * @param misses of each that count
 * @param entries to be invalidated at once
 */
record Effort(
    int rounds,
    int peerRounds,
    int warmups,
    int iterations,
    int iterationMillis,
    int firstLaps,
    int warmUpLaps,
    int laps,
    int lapMillis,
    int wakeWarmups,
    int wakes,
    int stampedes,
    int misses,
    int entries) {
  static final Effort QUICK = new Effort(3, 1, 3, 4, 200, 6, 2, 5, 150, 250, 15, 2, 15, 100_000);
  static final Effort FULL =
      new Effort(7, 3, 10, 20, 500, 16, 8, 15, 500, 5_000, 600, 10, 100, 1_000_000);
}
