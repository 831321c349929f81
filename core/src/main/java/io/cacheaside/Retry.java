package io.cacheaside;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tries something under a {@link RetryPolicy} until it succeeds, the policy gives up, or its caller
 * leaves. Errors, interruptions and time-outs of the cache are final.
 */
final class Retry<T extends @Nullable Object> {
  private final RetryPolicy policy;
  private final Environment environment;
  private final Executor on;
  private final Caller caller;
  private final Callable<? extends CompletionStage<? extends T>> attempt;
  private final BiConsumer<@Nullable T, @Nullable Throwable> done;
  private final long startedNanos;
  private int attempts;

  private Retry(
      RetryPolicy policy,
      Environment environment,
      Executor on,
      Caller caller,
      Callable<? extends CompletionStage<? extends T>> attempt,
      BiConsumer<@Nullable T, @Nullable Throwable> done) {
    this.policy = policy;
    this.environment = environment;
    this.on = on;
    this.caller = caller;
    this.attempt = attempt;
    this.done = done;
    this.startedNanos = environment.nanoTime();
  }

  /** Makes the first attempt on this thread, later ones on the executor, and reports the last. */
  static <T extends @Nullable Object> void run(
      RetryPolicy policy,
      Environment environment,
      Executor on,
      Caller caller,
      Callable<? extends CompletionStage<? extends T>> attempt,
      BiConsumer<@Nullable T, @Nullable Throwable> done) {
    new Retry<T>(policy, environment, on, caller, attempt, done).tryOnce();
  }

  private void tryOnce() {
    CompletionStage<? extends T> stage;
    try {
      stage = Objects.requireNonNull(attempt.call(), "null instead of a stage was returned");
    } catch (Throwable failure) {
      restoreInterrupt(failure);
      failed(failure);
      return;
    }
    Guard.whenDone(stage, caller, this::ended);
  }

  private static void restoreInterrupt(Throwable failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  private void ended(@Nullable T result, @Nullable Throwable failure) {
    if (failure == null) {
      done.accept(result, null);
    } else {
      failed(CallerThread.unwrap(failure));
    }
  }

  private void failed(Throwable failure) {
    Duration elapsed = Duration.ofNanos(environment.nanoTime() - startedNanos);
    Duration delay =
        isFinal(failure) ? null : policy.nextDelay(++attempts, elapsed, environment.random());
    if (delay == null || caller.isGone()) {
      done.accept(null, failure);
    } else {
      waitFor(delay, failure);
    }
  }

  private void waitFor(Duration delay, Throwable failure) {
    AtomicBoolean waiting = new AtomicBoolean(true);
    Runnable goOn =
        () -> {
          if (waiting.getAndSet(false)) {
            caller.execute(() -> handOver(failure));
          }
        };
    environment.schedule(delay, goOn);
    caller.whenGone(goOn);
  }

  /** Tries again on the executor, which is not to be the thread of a timer if it has none. */
  private void handOver(Throwable failure) {
    try {
      on.execute(() -> tryAgainAfter(failure));
    } catch (Throwable refused) {
      done.accept(null, refused);
    }
  }

  private void tryAgainAfter(Throwable failure) {
    if (caller.isGone()) {
      done.accept(null, failure);
    } else {
      tryOnce();
    }
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof Error
        || failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof LoadTimeoutException;
  }
}
