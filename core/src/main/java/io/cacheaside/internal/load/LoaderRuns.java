package io.cacheaside.internal.load;

import io.cacheaside.Environment;
import io.cacheaside.RetryPolicy;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Retry;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way to run a loader, of one key or of many: when there is a place for it, again if it
 * fails and the retry policy wants that, marked with the keys that it loads, on a thread that can
 * be interrupted.
 */
public final class LoaderRuns {
  private final Environment environment;
  private final RetryPolicy retry;
  private final Bulkhead bulkhead;
  private final RecursionGuard loading;
  private final Failures<?> failures;

  public LoaderRuns(
      Environment environment,
      RetryPolicy retry,
      Bulkhead bulkhead,
      RecursionGuard loading,
      Failures<?> failures) {
    this.environment = environment;
    this.retry = retry;
    this.bulkhead = bulkhead;
    this.loading = loading;
    this.failures = failures;
  }

  /** What becomes of a run: exactly one of these is called, once. */
  interface Ends<T> {
    /** The loader has answered, or failed for good. */
    void answered(@Nullable T answer, @Nullable Throwable failure);

    /** There is no place for the loader, not even to wait. */
    void rejected();

    /** No thread took the loader. */
    void notTaken(Throwable refusal);
  }

  /**
   * One run of a loader. Loads whose answer it brings say when they do not want that any more; with
   * the last of them the run has ended.
   */
  final class Run<T> {
    private final Set<String> keys;
    private final Caller caller;
    private final Executor loaders;
    private final Supplier<? extends RuntimeException> tooLate;
    private final AtomicInteger wanted;
    private final Bulkhead.Permit permit = bulkhead.new Permit();
    private final LoaderInterrupt thread = new LoaderInterrupt();
    private volatile @Nullable Retry<T> tries;
    private volatile boolean blocksItsCaller;
    private volatile long startedNanos;

    /**
     * Creates a run.
     *
     * @param keys the texts of the keys that are loaded
     * @param loads how many loads want the answer
     * @param caller on whose behalf the loader runs
     * @param loaders where it runs
     * @param tooLate creates what the caller gets if no load wants the answer when the loader is to
     *     begin
     */
    Run(
        Set<String> keys,
        int loads,
        Caller caller,
        Executor loaders,
        Supplier<? extends RuntimeException> tooLate) {
      this.keys = keys;
      this.caller = caller;
      this.loaders = loaders;
      this.tooLate = tooLate;
      this.wanted = new AtomicInteger(loads);
    }

    /**
     * Runs a loader as soon as it is its turn.
     *
     * @param nested whether another loader of this cache waits for it, so that it must not wait for
     *     a place
     */
    void begin(
        Callable<? extends CompletionStage<? extends T>> loader, boolean nested, Ends<T> ends) {
      Retry<T> all =
          new Retry<>(retry, environment, loaders, caller, () -> attempt(loader), ends::answered);
      tries = all;
      bulkhead.run(permit, caller, loaders, nested, all::run, ends::rejected, ends::notTaken);
    }

    private CompletionStage<? extends T> attempt(
        Callable<? extends CompletionStage<? extends T>> loader) throws Exception {
      if (caller.isGone()) {
        throw failures.interrupted();
      }
      if (isOver()) {
        throw tooLate.get();
      }
      RecursionGuard.Inside outer = loading.inside();
      try {
        loading.enter(keys);
        enter();
        return loader.call();
      } finally {
        blocksItsCaller = false;
        try {
          thread.leave();
        } finally {
          loading.backTo(outer);
        }
      }
    }

    private void enter() {
      blocksItsCaller = loaders == caller && caller.isWaitingThread();
      if (startedNanos == 0) {
        startedNanos = environment.nanoTime();
      }
      if (loaders != caller) {
        thread.enter();
      }
    }

    /** Returns whether the thread that waits for the answer is inside the loader. */
    boolean blocksItsCaller() {
      return blocksItsCaller;
    }

    /** Returns when the loader was called first; zero if it was not. */
    long startedNanos() {
      return startedNanos;
    }

    /** Counts one load less; the last one gives the place back. */
    void leave() {
      if (wanted.decrementAndGet() == 0) {
        permit.end();
      }
    }

    /** Lets the loader know, if no load wants its answer, that it is not to go on. */
    void stopIfOver() {
      if (isOver()) {
        Retry<T> all = tries;
        if (all != null) {
          all.stop();
        }
        thread.interrupt();
      }
    }

    private boolean isOver() {
      return wanted.get() <= 0;
    }
  }
}
