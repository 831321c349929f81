package io.cacheaside.internal.flow;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the steps of an operation do with futures. */
public final class Stages {
  private Stages() {}

  /** Runs a step, which must not throw, with the outcome of a stage, where that arrives. */
  public static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage, BiConsumer<? super @Nullable T, @Nullable Throwable> step) {
    stage.whenComplete(step);
  }

  /**
   * Runs a step with the outcome of a stage: at once if its result is there, else on the executor.
   * Failures are told to code of users, for which a thread of a timer or of the store is not meant.
   *
   * @param refused runs instead of the step, where the outcome arrived, if the executor throws
   */
  public static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage,
      Executor on,
      BiConsumer<@Nullable T, @Nullable Throwable> step,
      Consumer<Throwable> refused) {
    if (isThere(stage)) {
      step.accept(stage.toCompletableFuture().join(), null);
    } else if (stage instanceof CollectedAnswer<T> collected) {
      collected.whenDone(
          step, (value, failure) -> handOver(on, () -> step.accept(value, failure), refused));
    } else {
      stage.whenComplete(
          (value, failure) -> handOver(on, () -> step.accept(value, failure), refused));
    }
  }

  static void handOver(Executor on, Runnable step, Consumer<Throwable> refused) {
    try {
      on.execute(step);
    } catch (Throwable thrown) {
      refused.accept(thrown);
    }
  }

  /** Returns whether a stage has its result, and no failure. */
  static boolean isThere(CompletionStage<?> stage) {
    if (stage.getClass() != CompletableFuture.class) {
      return false;
    }
    CompletableFuture<?> future = stage.toCompletableFuture();
    return future.isDone() && !future.isCompletedExceptionally();
  }

  /**
   * Returns a future of its own with what becomes of another one's result: whoever cancels it
   * leaves the other one alone, and failures come unwrapped.
   */
  public static <T extends @Nullable Object, R extends @Nullable Object> CompletableFuture<R> relay(
      CompletableFuture<T> result, Function<T, R> mapping) {
    CompletableFuture<R> relayed = new CompletableFuture<>();
    whenDone(
        result,
        (value, failure) -> {
          if (failure == null) {
            relayed.complete(mapping.apply(value));
          } else {
            relayed.completeExceptionally(unwrap(failure));
          }
        });
    return relayed;
  }

  /**
   * Returns a future with what becomes of another one's result, as {@link #relay} does. Whoever
   * cancels or completes it cancels the other one, too.
   */
  public static <T extends @Nullable Object, R extends @Nullable Object>
      CompletableFuture<R> mapped(CompletableFuture<T> result, Function<T, R> mapping) {
    CompletableFuture<R> mapped = relay(result, mapping);
    whenDone(mapped, (value, failure) -> result.cancel(false));
    return mapped;
  }

  /** Returns what a future failed with, without the wrapping of futures. */
  public static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Adds a further failure to the first one, unless it is the same. */
  public static void suppress(Throwable further, Throwable first) {
    if (further != first) {
      first.addSuppressed(further);
    }
  }

  /** Returns a future that completes when all of these have. */
  public static CompletableFuture<@Nullable Void> allOf(
      Collection<? extends CompletableFuture<?>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }
}
