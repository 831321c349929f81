package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CommandFailuresTest {
  static Stream<Arguments> reasons() {
    Throwable rejected = new RedisException("Currently not connected. Commands are rejected.");
    Throwable full =
        new RedisException("Request queue size exceeded: 16. Commands are not accepted");
    return Stream.of(
        Arguments.of(new RedisCommandTimeoutException("late"), true, Reason.TIMED_OUT),
        Arguments.of(new RedisCommandTimeoutException("late"), false, Reason.TIMED_OUT),
        Arguments.of(new RedisCommandExecutionException("ERR no"), true, Reason.REFUSED),
        Arguments.of(rejected, false, Reason.DISCONNECTED),
        Arguments.of(full, false, Reason.OVERLOADED),
        Arguments.of(new RedisConnectionException("refused"), false, Reason.DISCONNECTED),
        Arguments.of(rejected, true, Reason.INTERRUPTED),
        Arguments.of(new RedisException("Connection disconnected"), true, Reason.INTERRUPTED),
        Arguments.of(new IOException("Connection reset by peer"), true, Reason.INTERRUPTED),
        Arguments.of(new UnsupportedOperationException("set(long)"), true, Reason.INTERRUPTED),
        Arguments.of(new CancellationException(), true, Reason.INTERRUPTED),
        Arguments.of(new CancellationException(), false, Reason.DISCONNECTED));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void whatWasWrittenMayHaveHappened(Throwable cause, boolean written, Reason reason) {
    StoreException failure = CommandFailures.of("GET", cause, written, false);

    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure).hasMessageStartingWith("GET: ");
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void closingDoesNotHideThatItMayHaveHappened(Throwable cause, boolean written, Reason reason) {
    StoreException failure = CommandFailures.of("GET", cause, written, true);

    assertThat(failure.isOutcomeUnknown())
        .isEqualTo(CommandFailures.of("GET", cause, written, false).isOutcomeUnknown());
    assertThat(failure.reason()).isIn(reason, Reason.CLOSED);
  }

  @Test
  void whatIsKnownIsKept() {
    StoreException known = new StoreException(Reason.OVERLOADED, "known", null);

    assertThat(CommandFailures.of("GET", known, true, true)).isSameAs(known);
  }

  @Test
  void longErrorAnswersAreCut() {
    assertThat(CommandFailures.shown("x".repeat(250))).hasSize(250);
    assertThat(CommandFailures.shown("x".repeat(251))).hasSize(253).endsWith("x...");
  }
}
