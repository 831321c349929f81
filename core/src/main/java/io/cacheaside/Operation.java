package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
  final long arrivedNanos;

  Operation(Engine<K, V> engine, Caller caller) {
    this.engine = engine;
    this.caller = caller;
    this.arrivedNanos = engine.environment.nanoTime();
  }

  /** Begins the operation and returns its result. */
  final CompletableFuture<R> begin() {
    run();
    return result;
  }

  final void run() {
    guarded(this::start);
  }

  /** Returns the result, which has to be there, or throws what the operation ended with. */
  final R outcome() {
    if (!result.isCompletedExceptionally()) {
      return result.join();
    }
    Throwable failure = result.handle((value, e) -> e).join();
    if (failure instanceof Error error) {
      throw error;
    }
    throw failure instanceof RuntimeException known ? known : unchecked(failure);
  }

  /** Returns what is thrown instead of a checked exception. */
  RuntimeException unchecked(Throwable failure) {
    return new IllegalStateException(failure);
  }

  /** The first step. */
  abstract void start();

  /** Begins anew because somebody else was faster; gives up after the load timeout. */
  final void startAgain() {
    if (isOverdue()) {
      fail(overdue());
    } else {
      caller.execute(this::run);
    }
  }

  static StoreException overdue() {
    return new StoreException(
        StoreException.Reason.TIMED_OUT,
        "others changed the entry for the whole load timeout",
        null);
  }

  /** Returns whether the operation has taken longer than it may wait for others. */
  final boolean isOverdue() {
    long elapsedNanos = engine.environment.nanoTime() - arrivedNanos;
    return elapsedNanos >= engine.settings.loadTimeout().toNanos();
  }

  /**
   * Ends the operation if its caller has left or the cache is closed; returns whether it goes on.
   */
  final boolean mayGoOn() {
    if (caller.isGone()) {
      fail(new CancellationException("the caller was interrupted"));
    } else if (engine.isClosed()) {
      fail(engine.closedException());
    }
    return !result.isDone();
  }

  /** Asks the store and goes on with its answer. */
  final <T extends @Nullable Object> void ask(
      String operation, Function<Store, CompletionStage<T>> command, Guard.Step<T> next) {
    Guard.whenDone(
        engine.guard.issue(caller.batch(), command),
        caller,
        (answer, failure) -> goOn(operation, answer, failure, next));
  }

  private <T extends @Nullable Object> void goOn(
      String operation, @Nullable T answer, @Nullable Throwable failure, Guard.Step<T> next) {
    try {
      next.next(answer, engine.guard.outcome(operation, failure));
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  /**
   * Goes on with what was found, as long as none of its tags was invalidated: those that the key
   * has by declaration, and those that a loader named, for which the store is asked again.
   *
   * @param outdated runs if one was
   * @param failed runs if the store cannot tell
   */
  final void ifCurrent(
      Look look, Consumer<Look> current, Runnable outdated, Consumer<StoreException> failed) {
    if (!engine.tags.areCurrent(look)) {
      outdated.run();
    } else if (!engine.tags.hasNamed(look.entry())) {
      current.accept(look);
    } else {
      ask(
          "read",
          store -> engine.looks.named(store, look),
          (named, failure) -> {
            if (failure != null) {
              failed.accept(failure);
            } else if (named == null) {
              outdated.run();
            } else {
              current.accept(named);
            }
          });
    }
  }

  /** Goes on with the outcome of a stage. */
  final <T extends @Nullable Object> void then(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    Guard.whenDone(stage, caller, (value, e) -> guarded(() -> next.accept(value, e)));
  }

  /** Runs steps of several keys and sends their commands together. */
  final void together(Runnable steps) {
    if (caller.batch() != null) {
      steps.run();
      return;
    }
    engine.guard.batch(
        batch -> {
          caller.collectIn(batch);
          try {
            steps.run();
          } finally {
            caller.collectIn(null);
          }
        });
  }

  /** Runs something when the caller has left without the result: interrupted, or by cancelling. */
  final void whenLeft(Runnable action) {
    caller.whenGone(action);
    Guard.whenDone(
        result,
        (value, failure) -> {
          if (!caller.isGone()) {
            caller.forget(action);
          }
          if (!caller.isWaitingThread() && result.isCancelled()) {
            action.run();
          }
        });
  }

  final void succeed(@Nullable R value) {
    result.complete(value);
    caller.ended();
  }

  final void fail(Throwable failure) {
    result.completeExceptionally(failure);
    caller.ended();
  }

  final void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable failure) {
      fail(failure);
    }
  }
}
