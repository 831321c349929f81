package io.cacheaside.benchmarks.soak;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How much something may grow over the second half of a run: the median of its last quarter, next
 * to that of the quarter before.
 *
 * @param percent what it may grow by, of what it was
 * @param absolute what it may grow by in addition
 */
record Growth(String figure, ToDoubleFunction<Sample> value, double percent, double absolute) {
  static final List<Growth> BOUNDS =
      List.of(
          new Growth("heap after GC, MiB", Sample::heapMebibytes, 5, 1),
          new Growth("threads", Sample::threads, 0, 0),
          new Growth("client connections", Sample::connections, 0, 0),
          new Growth("memory of the server, MiB", Sample::serverMebibytes, 5, 0.5),
          new Growth("keys on the server", Sample::serverKeys, 10, 50));

  static final String HEAD =
      "| Figure | third quarter | last quarter | may grow by | result |\n|---|---|---|---|---|";

  double before(List<Sample> samples) {
    return median(samples, samples.size() / 2, samples.size() * 3 / 4);
  }

  double after(List<Sample> samples) {
    return median(samples, samples.size() * 3 / 4, samples.size());
  }

  private double median(List<Sample> samples, int from, int to) {
    double[] sorted = samples.subList(from, to).stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private double bound(List<Sample> samples) {
    return before(samples) * percent / 100 + absolute;
  }

  boolean isWithinBound(List<Sample> samples) {
    return after(samples) - before(samples) <= bound(samples);
  }

  String row(List<Sample> samples) {
    return String.format(
        Locale.ROOT,
        "| %s | %.1f | %.1f | %.1f | %s |",
        figure,
        before(samples),
        after(samples),
        bound(samples),
        isWithinBound(samples) ? "flat" : "**grows**");
  }
}
