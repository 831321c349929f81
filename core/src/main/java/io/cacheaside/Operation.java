package io.cacheaside;

import io.cacheaside.store.Store;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something asked of a cache, from the call to its result: a chain of steps, each run where its
 * caller wants it. A step that throws ends the operation with what it threw.
 */
abstract class Operation<K, V, R extends @Nullable Object> {
  final Engine<K, V> engine;
  final Caller caller;
  final CompletableFuture<R> result = new CompletableFuture<>();

  Operation(Engine<K, V> engine, Caller caller) {
    this.engine = engine;
    this.caller = caller;
  }

  /** Begins the operation and returns its result. */
  final CompletableFuture<R> begin() {
    run();
    return result;
  }

  final void run() {
    guarded(this::start);
  }

  /** The first step. */
  abstract void start();

  /** Asks the store and goes on with its answer. */
  final <T extends @Nullable Object> void ask(
      String operation, Function<Store, CompletionStage<T>> command, Guard.Step<T> next) {
    engine.guard.call(
        operation, caller, command, (answer, e) -> guarded(() -> next.next(answer, e)));
  }

  /** Goes on with the outcome of a stage. */
  final <T extends @Nullable Object> void then(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    Guard.whenDone(stage, caller, (value, e) -> guarded(() -> next.accept(value, e)));
  }

  final void succeed(@Nullable R value) {
    result.complete(value);
  }

  final void fail(Throwable failure) {
    result.completeExceptionally(failure);
  }

  final void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable failure) {
      fail(failure);
    }
  }
}
