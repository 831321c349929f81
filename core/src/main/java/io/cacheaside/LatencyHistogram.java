package io.cacheaside;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How often something took how long, counted in ranges of time. Immutable and thread-safe.
 *
 * @param upperBounds the longest time of each range, in ascending order; what took longer than the
 *     last one is counted in a range of its own
 * @param counts how many there were in each range; one more than there are bounds
 */
public record LatencyHistogram(List<Duration> upperBounds, List<Long> counts) {
  private static final double ROUNDING = 1e-12;

  /**
   * Creates a histogram from copies of these lists.
   *
   * @throws IllegalArgumentException if there is not one count more than there are bounds
   */
  public LatencyHistogram {
    upperBounds = List.copyOf(upperBounds);
    counts = List.copyOf(counts);
    if (counts.size() != upperBounds.size() + 1) {
      throw new IllegalArgumentException(
          upperBounds.size()
              + " upperBounds with "
              + counts.size()
              + " counts; use one count more");
    }
  }

  /** Returns how many there were in all ranges. */
  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns a time that this share of them did not exceed, to within the range that it lies in.
   *
   * @param share more than 0.0, up to 1.0: 0.99 for the 99th percentile
   * @return the upper bound of that range; empty if there were none, or if it is the last range,
   *     which has no bound
   * @throws IllegalArgumentException if {@code share} is outside that range
   */
  public Optional<Duration> percentile(double share) {
    if (!(share > 0.0 && share <= 1.0)) {
      throw new IllegalArgumentException("share is " + share + "; use more than 0.0, up to 1.0");
    }
    double wanted = share * count() * (1 - ROUNDING);
    long seen = 0;
    for (int range = 0; range < upperBounds.size(); range++) {
      seen += counts.get(range);
      if (seen > 0 && seen >= wanted) {
        return Optional.of(upperBounds.get(range));
      }
    }
    return Optional.empty();
  }
}
