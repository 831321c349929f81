package io.cacheaside.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** What is done with the stages of several commands. */
final class Stages {
  private Stages() {}

  /** Completes when all of these have; fails if one of them has failed. */
  static CompletionStage<?> all(Stream<? extends CompletionStage<?>> stages) {
    return CompletableFuture.allOf(
        stages.map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new));
  }

  /** Completes when all of these have, whether they failed or not. */
  static CompletionStage<?> settled(Stream<? extends CompletionStage<?>> stages) {
    return all(stages.map(stage -> stage.handle((done, failure) -> null)));
  }

  /** Returns what went wrong without the wrappers of futures. */
  static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    boolean wrapper =
        failure instanceof CompletionException || failure instanceof ExecutionException;
    return wrapper && cause != null ? unwrapped(cause) : failure;
  }
}
