package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StagesTest {
  @Test
  void wrappersOfFuturesAreTakenOff() {
    IOException inner = new IOException("inner");
    IOException outer = new IOException("outer", inner);

    assertThat(Stages.unwrapped(new CompletionException(new ExecutionException(inner))))
        .isSameAs(inner);
    assertThat(Stages.unwrapped(outer)).isSameAs(outer);
    assertThat(Stages.unwrapped(new CompletionException("alone", null))).hasMessage("alone");
  }

  @Test
  void aFailureDoesNotEndTheWaitForTheOthers() {
    CompletableFuture<String> last = new CompletableFuture<>();
    CompletionStage<String> failed = CompletableFuture.failedStage(new IOException("failed"));
    CompletableFuture<?> all = Stages.all(Stream.of(failed, last)).toCompletableFuture();
    CompletableFuture<?> settled = Stages.settled(Stream.of(failed, last)).toCompletableFuture();

    assertThat(all).isNotDone();
    assertThat(settled).isNotDone();

    last.complete("done");

    assertThat(all).isCompletedExceptionally();
    assertThat(settled).isCompleted();
  }
}
