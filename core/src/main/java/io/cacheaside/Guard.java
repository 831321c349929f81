package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one way from the engine to its store: failures become {@link StoreException}s, are counted
 * and reported, and the next step of the operation runs where the operation runs.
 */
final class Guard {
  private final Store store;
  private final Events<?> events;

  Guard(Store store, Events<?> events) {
    this.store = store;
    this.events = events;
  }

  Store store() {
    return store;
  }

  /** What an operation does with the answer of the store: exactly one of the two is meant. */
  @FunctionalInterface
  interface Step<T extends @Nullable Object> {
    void next(@Nullable T answer, @Nullable StoreException failure);
  }

  <T extends @Nullable Object> void call(
      String operation, Executor on, Function<Store, CompletionStage<T>> command, Step<T> step) {
    whenDone(
        issue(command),
        on,
        (answer, failure) ->
            step.next(answer, failure == null ? null : report(operation, failure)));
  }

  /** Issues a command; the stage may fail with anything. */
  <T extends @Nullable Object> CompletionStage<T> issue(
      Function<Store, CompletionStage<T>> command) {
    try {
      return command.apply(store);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  StoreException report(String operation, Throwable failure) {
    Throwable cause = CallerThread.unwrap(failure);
    events.storeFailed(operation, cause);
    return cause instanceof StoreException known
        ? known
        : new StoreException(StoreException.Reason.INTERRUPTED, operation + " failed", cause);
  }

  /** Runs a step with the outcome of a stage, on the thread that brings it. */
  static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage, BiConsumer<? super @Nullable T, @Nullable Throwable> step) {
    stage.whenComplete(step);
  }

  /** Runs a step with the outcome of a stage: at once if it is there, else on the executor. */
  static <T extends @Nullable Object> void whenDone(
      CompletionStage<T> stage, Executor on, BiConsumer<@Nullable T, @Nullable Throwable> step) {
    if (stage instanceof CompletableFuture<?> future && future.isDone()) {
      whenDone(stage, step);
    } else {
      stage.whenCompleteAsync(step, on);
    }
  }
}
