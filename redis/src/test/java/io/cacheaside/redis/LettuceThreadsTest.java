package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LettuceThreadsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 5})
  void theFirstAttemptsFollowSoon(long attempt) {
    assertThat(LettuceThreads.RECONNECT_DELAY.createDelay(attempt))
        .isBetween(Duration.ofMillis(10), Duration.ofMillis(200));
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 60, 61, 62, 63, 64, 1_000, Integer.MAX_VALUE})
  void howeverManyThereWereTheDelayStaysBounded(long attempt) {
    assertThat(LettuceThreads.RECONNECT_DELAY.createDelay(attempt))
        .isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
  }
}
