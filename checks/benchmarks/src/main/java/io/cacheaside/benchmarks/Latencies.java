package io.cacheaside.benchmarks;

/** How often something took how long, to within 6 %. */
final class Latencies {
  private static final int PARTS_LOG2 = 4;
  private static final int PARTS = 1 << PARTS_LOG2;

  private final long[] counts = new long[(Long.SIZE - PARTS_LOG2) * PARTS];
  private long total;

  void add(long nanos) {
    counts[indexOf(Math.max(0, nanos))]++;
    total++;
  }

  void addAll(Latencies others) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += others.counts[i];
    }
    total += others.total;
  }

  long total() {
    return total;
  }

  double percentile(double percent) {
    long rank = Math.max(1, (long) Math.ceil(percent / 100 * total));
    int index = -1;
    for (long seen = 0; seen < rank; ) {
      index++;
      seen += counts[index];
    }
    return middleOf(index);
  }

  private static int indexOf(long nanos) {
    int shift = Math.max(0, Long.SIZE - PARTS_LOG2 - 1 - Long.numberOfLeadingZeros(nanos));
    return (shift << PARTS_LOG2) + (int) (nanos >>> shift);
  }

  private static double middleOf(int index) {
    int shift = Math.max(0, (index >>> PARTS_LOG2) - 1);
    return (index - ((double) shift * PARTS) + 0.5) * (1L << shift);
  }
}
