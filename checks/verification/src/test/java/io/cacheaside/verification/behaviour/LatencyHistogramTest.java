package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.LatencyHistogram;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class LatencyHistogramTest {
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofMillis(10);

  private static LatencyHistogram of(long... counts) {
    return new LatencyHistogram(List.of(SHORT, LONG), Arrays.stream(counts).boxed().toList());
  }

  @Test
  void aPercentileIsTheBoundOfTheRangeThatItLiesIn() {
    LatencyHistogram histogram = of(98, 1, 1);

    assertThat(histogram.count()).isEqualTo(100);
    assertThat(histogram.percentile(0.5)).contains(SHORT);
    assertThat(histogram.percentile(0.98)).contains(SHORT);
    assertThat(histogram.percentile(0.981)).contains(LONG);
    assertThat(histogram.percentile(0.99)).contains(LONG);
  }

  /** 0.55 times 100 is a little more than 55 in binary fractions, 0.07 times 100 more than 7. */
  @Test
  void aShareThatIsReachedExactlyIsReached() {
    assertThat(of(55, 45, 0).percentile(0.55)).contains(SHORT);
    assertThat(of(7, 93, 0).percentile(0.07)).contains(SHORT);
  }

  @Test
  void beyondTheLastBoundThereIsNone() {
    assertThat(of(98, 1, 1).percentile(1.0)).isEmpty();
    assertThat(of(0, 0, 1).percentile(0.01)).isEmpty();
    assertThat(of(0, 0, 0).percentile(0.5)).isEmpty();
  }

  @Test
  void anEmptyRangeIsSkipped() {
    assertThat(of(0, 5, 0).percentile(0.01)).contains(LONG);
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(1, 2))
        .withMessageContaining("2 upperBounds with 2 counts; use one count more");
    for (double share : new double[] {0.0, -0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> of(1, 1, 1).percentile(share))
          .withMessageContaining("share is " + share);
    }
  }
}
