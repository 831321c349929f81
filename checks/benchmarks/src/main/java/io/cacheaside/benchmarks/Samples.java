package io.cacheaside.benchmarks;

import java.util.Collection;
import java.util.Locale;

/** Numbers of one kind that were measured; at least one. */
final class Samples {
  private final double[] sorted;

  private Samples(double[] sorted) {
    this.sorted = sorted;
  }

  static Samples of(Collection<Double> measured) {
    if (measured.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    return new Samples(measured.stream().mapToDouble(Double::doubleValue).sorted().toArray());
  }

  double median() {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Returns the smallest sample that at least so many percent of them do not exceed. */
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(1, rank) - 1];
  }

  /** The smallest and the largest. */
  String spread() {
    return format(sorted[0]) + " to " + format(sorted[sorted.length - 1]);
  }

  static String bytes(int bytes) {
    return bytes < 1_024 ? bytes + " B" : bytes / 1_024 + " KB";
  }

  static String format(double number) {
    double size = Math.abs(number);
    String pattern = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, pattern, number);
  }
}
