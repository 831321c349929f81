package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something asked of a cache, from the call to its result: a chain of steps, each run where its
 * caller wants it. A step that throws ends the operation with what it threw.
 */
public abstract class Operation<R extends @Nullable Object> {
  private final Context context;
  public final Caller caller;
  public final CompletableFuture<R> result = new CompletableFuture<>();
  public final long arrivedNanos;

  /** Whether a step of this operation has ended it. */
  private volatile boolean ended;

  protected Operation(Context context, Caller caller) {
    this.context = context;
    this.caller = caller;
    this.arrivedNanos = context.environment().nanoTime();
  }

  /**
   * What every operation of a cache needs.
   *
   * @param patience how long an operation may wait for others
   */
  public record Context(
      GuardedStore guard, Environment environment, Lifecycle lifecycle, Duration patience) {}

  /** Begins the operation and returns its result. */
  public final CompletableFuture<R> begin() {
    run();
    return result;
  }

  public final void run() {
    guarded(this::start);
  }

  /** Returns the result, which has to be there, or throws what the operation ended with. */
  public final R outcome() {
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
  protected RuntimeException unchecked(Throwable failure) {
    return new IllegalStateException(failure);
  }

  /** The first step. */
  protected abstract void start();

  /** Begins anew because somebody else was faster; gives up after the load timeout. */
  public final void startAgain() {
    if (isOverdue()) {
      fail(overdue());
    } else {
      caller.execute(this::run);
    }
  }

  public static StoreException overdue() {
    return new StoreException(
        StoreException.Reason.TIMED_OUT,
        "others changed the entry for the whole load timeout",
        null);
  }

  /** Returns whether the operation has taken longer than it may wait for others. */
  public final boolean isOverdue() {
    return elapsed().compareTo(context.patience()) >= 0;
  }

  /** Returns how long ago the operation was asked for. */
  public final Duration elapsed() {
    return Duration.ofNanos(context.environment().nanoTime() - arrivedNanos);
  }

  /** Goes on if something has been missed; called now and then by a thread that waits. */
  public void recheck() {}

  /**
   * Ends the operation if its caller has left or the cache is closed; returns whether it goes on.
   */
  public final boolean mayGoOn() {
    if (caller.isGone()) {
      fail(new CancellationException("the caller was interrupted"));
    } else if (context.lifecycle().isClosed()) {
      fail(context.lifecycle().closedException());
    }
    return !result.isDone();
  }

  /** Asks the store and goes on with its answer. */
  public final <T extends @Nullable Object> void ask(
      String operation, Function<Store, CompletionStage<T>> command, GuardedStore.Step<T> next) {
    new Answered<>(operation, next).after(context.guard().issue(caller.batch(), command));
  }

  /**
   * A step that follows a stage: at once if its result is there, else where the caller wants it.
   */
  private abstract class Following<T extends @Nullable Object>
      implements BiConsumer<@Nullable T, @Nullable Throwable>, Runnable {
    private @Nullable T value;
    private @Nullable Throwable failure;

    final void after(CompletionStage<? extends T> stage) {
      if (Stages.isThere(stage)) {
        value = stage.toCompletableFuture().join();
        run();
      } else if (stage instanceof CollectedAnswer<? extends T> collected) {
        collected.whenDone(this::here, this);
      } else {
        stage.whenComplete(this);
      }
    }

    private void here(@Nullable T given, @Nullable Throwable thrown) {
      value = given;
      failure = thrown;
      run();
    }

    /** Hands the step over. If no executor takes it, the operation ends here. */
    @Override
    public final void accept(@Nullable T value, @Nullable Throwable failure) {
      this.value = value;
      this.failure = failure;
      try {
        caller.execute(this);
      } catch (Throwable refused) {
        crash(refused);
      }
    }

    @Override
    public final void run() {
      try {
        follow(value, failure);
      } catch (Throwable thrown) {
        crash(thrown);
      }
    }

    abstract void follow(@Nullable T value, @Nullable Throwable failure);
  }

  private final class Answered<T extends @Nullable Object> extends Following<T> {
    private final String operation;
    private final GuardedStore.Step<T> next;

    Answered(String operation, GuardedStore.Step<T> next) {
      this.operation = operation;
      this.next = next;
    }

    @Override
    void follow(@Nullable T answer, @Nullable Throwable failure) {
      next.next(answer, context.guard().outcome(operation, failure));
    }
  }

  private final class Then<T extends @Nullable Object> extends Following<T> {
    private final BiConsumer<@Nullable T, @Nullable Throwable> next;

    Then(BiConsumer<@Nullable T, @Nullable Throwable> next) {
      this.next = next;
    }

    @Override
    void follow(@Nullable T value, @Nullable Throwable failure) {
      next.accept(value, failure);
    }
  }

  /** Goes on with the outcome of a stage. */
  public final <T extends @Nullable Object> void then(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    new Then<>(next).after(stage);
  }

  /** Goes on with the result of a part of this operation, which ends it if it fails. */
  public final <T> void goOnWith(Operation<T> part, Consumer<T> next) {
    then(
        part.begin(),
        (value, failure) -> {
          if (value == null) {
            crash(Objects.requireNonNull(failure));
          } else {
            next.accept(value);
          }
        });
  }

  /** Runs steps of several keys and sends their commands together. */
  public final void together(Runnable steps) {
    if (caller.batch() != null) {
      steps.run();
      return;
    }
    context
        .guard()
        .batch(
            batch -> {
              caller.collectIn(batch);
              try {
                steps.run();
              } finally {
                caller.collectIn(null);
              }
            });
  }

  /**
   * Runs something, once, when the caller has left without the result of a step: interrupted, by
   * cancelling or completing its future, or because a step threw.
   *
   * @return what runs it at once, if it has not run
   */
  public final Runnable whenLeft(Runnable action) {
    AtomicBoolean left = new AtomicBoolean();
    Runnable once =
        () -> {
          if (!left.getAndSet(true)) {
            action.run();
          }
        };
    caller.whenGone(once);
    Stages.whenDone(
        result,
        (value, failure) -> {
          if (!caller.isGone()) {
            caller.forget(once);
          }
          if (!ended) {
            once.run();
          }
        });
    return once;
  }

  public final void succeed(@Nullable R value) {
    ended = true;
    try {
      result.complete(value);
    } finally {
      caller.ended();
    }
  }

  public final void fail(Throwable failure) {
    ended = true;
    try {
      result.completeExceptionally(failure);
    } finally {
      caller.ended();
    }
  }

  /** Ends the operation with what a step threw; what it has begun is given up. */
  public final void crash(Throwable thrown) {
    try {
      crashed(thrown);
    } finally {
      try {
        result.completeExceptionally(thrown);
      } finally {
        caller.ended();
      }
    }
  }

  /** Gives up what this operation has begun, because a step threw. */
  protected void crashed(Throwable thrown) {}

  public final void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable thrown) {
      crash(thrown);
    }
  }
}
