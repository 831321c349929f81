package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WaitInterruptedException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tries something under a {@link RetryPolicy} until it succeeds, the policy gives up, or its caller
 * leaves. Errors, interruptions and time-outs of the cache are final. The outcome is reported once,
 * whatever an attempt, an executor or a timer throws.
 */
public final class Retry<T extends @Nullable Object> {
  private final RetryPolicy policy;
  private final Environment environment;
  private final Executor on;
  private final Caller caller;
  private final Callable<? extends CompletionStage<? extends T>> attempt;
  private final BiConsumer<@Nullable T, @Nullable Throwable> done;
  private final AtomicBoolean reported = new AtomicBoolean();
  private volatile @Nullable Runnable goOn;
  private volatile boolean stopped;
  private long startedNanos;
  private int attempts;

  public Retry(
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
  }

  /** Makes the first attempt on this thread, later ones on the executor, and reports the last. */
  public void run() {
    guarded(
        () -> {
          startedNanos = environment.nanoTime();
          tryOnce();
        });
  }

  /** Makes no further attempt; if the last one has failed, that is reported now. */
  public void stop() {
    stopped = true;
    Runnable waiting = goOn;
    if (waiting != null) {
      waiting.run();
    }
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
    Stages.whenDone(
        stage, caller, (result, failure) -> guarded(() -> ended(result, failure)), this::report);
  }

  private static void restoreInterrupt(Throwable failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  private void ended(@Nullable T result, @Nullable Throwable failure) {
    if (failure == null) {
      report(result, null);
    } else {
      failed(Stages.unwrap(failure));
    }
  }

  private void failed(Throwable failure) {
    Duration elapsed = Duration.ofNanos(environment.nanoTime() - startedNanos);
    Duration delay = isFinal(failure) ? null : nextDelay(elapsed);
    if (delay == null || isStopped()) {
      report(failure);
    } else {
      waitFor(delay, failure);
    }
  }

  /** Returns how long to wait before the next try; null if there is none. */
  private @Nullable Duration nextDelay(Duration elapsed) {
    attempts++;
    if (attempts >= policy.maxAttempts()) {
      return null;
    }
    double first = (double) policy.firstDelay().toNanos();
    double longest = (double) policy.maxDelay().toNanos();
    double bound = Math.min(Math.scalb(first, attempts - 1), longest);
    Duration delay = Duration.ofNanos((long) (environment.random() * bound));
    return elapsed.plus(delay).compareTo(policy.deadline()) < 0 ? delay : null;
  }

  private boolean isStopped() {
    return stopped || caller.isGone();
  }

  private void waitFor(Duration delay, Throwable failure) {
    AtomicBoolean waiting = new AtomicBoolean(true);
    CompletableFuture<Environment.Timer> timer = new CompletableFuture<>();
    Runnable once =
        () -> {
          if (waiting.getAndSet(false)) {
            Stages.whenDone(timer, (set, failed) -> Objects.requireNonNull(set).cancel());
            if (stopped) {
              report(failure);
            } else {
              handOver(failure);
            }
          }
        };
    goOn = once;
    timer.complete(environment.schedule(delay, once));
    caller.whenGone(once);
    if (isStopped()) {
      once.run();
    }
  }

  /** Tries again on the executor, which is not to be the thread of a timer if it has none. */
  private void handOver(Throwable failure) {
    try {
      caller.execute(() -> guarded(() -> on.execute(() -> guarded(() -> tryAgainAfter(failure)))));
    } catch (Throwable refused) {
      report(refused);
    }
  }

  private void tryAgainAfter(Throwable failure) {
    if (isStopped()) {
      report(failure);
    } else {
      tryOnce();
    }
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable thrown) {
      if (reported.get()) {
        throw thrown;
      }
      report(thrown);
    }
  }

  private void report(Throwable failure) {
    report(null, failure);
  }

  private void report(@Nullable T result, @Nullable Throwable failure) {
    if (!reported.getAndSet(true)) {
      done.accept(result, failure);
    }
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof Error
        || failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof LoadTimeoutException;
  }
}
