package io.cacheaside.internal.events;

import io.cacheaside.LatencyHistogram;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Counts how long something took, in ranges from 0.1 ms to 10 s. Thread-safe. */
final class Latencies {
  private static final List<Duration> UPPER_BOUNDS =
      LongStream.of(
              100,
              250,
              500,
              1_000,
              2_500,
              5_000,
              10_000,
              25_000,
              50_000,
              100_000,
              250_000,
              500_000,
              1_000_000,
              2_500_000,
              5_000_000,
              10_000_000)
          .mapToObj(micros -> Duration.ofNanos(1_000 * micros))
          .toList();

  private final List<LongAdder> counts =
      Stream.generate(LongAdder::new).limit(UPPER_BOUNDS.size() + 1L).toList();

  void add(Duration time) {
    int found = Collections.binarySearch(UPPER_BOUNDS, time);
    counts.get(found < 0 ? -found - 1 : found).increment();
  }

  LatencyHistogram snapshot() {
    return new LatencyHistogram(UPPER_BOUNDS, counts.stream().map(LongAdder::sum).toList());
  }
}
