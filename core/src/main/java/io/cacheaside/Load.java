package io.cacheaside;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, from the grant that allows it to the fill.
 *
 * <p>It ends once: with the answer of its loader; at the load timeout, when its lease and its place
 * among the running loads are given up and those who joined go on without it; or when the last of
 * those who waited for it has left. What the loader returns after that reaches its own caller
 * alone. A load without a grant (there was no store to give one) never fills.
 *
 * <p>An {@code Error}, such as a stack overflow, may interrupt any step, that of the end too. The
 * timer is the last thing that an end takes away: until then it completes what an interrupted end
 * has left open, at the load timeout. So do those who waited for as long, if the timer was lost.
 */
final class Load<K, V> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final @Nullable Grant grant;
  private final CompletableFuture<Outcome<V>> outcome = new CompletableFuture<>();
  private final CompletableFuture<@Nullable V> ownResult = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicInteger waiting = new AtomicInteger(1);
  private final Permits.Turn turn;
  private final LoaderThread loaderThread = new LoaderThread();
  private final AtomicReference<@Nullable Runnable> cancelAction = new AtomicReference<>();
  private final long createdNanos;
  private volatile @Nullable Retry<?> retry;
  private final AtomicReference<Environment.@Nullable Timer> timer = new AtomicReference<>();
  private volatile @Nullable Batch batch;
  private volatile boolean blocksItsCaller;
  private volatile boolean begun;
  private volatile long begunNanos;
  private volatile long startedNanos;

  Load(Engine<K, V> engine, EntryKey<K> key, @Nullable Grant grant) {
    this.engine = engine;
    this.key = key;
    this.grant = grant;
    this.turn = engine.permits.new Turn();
    this.createdNanos = engine.environment.nanoTime();
  }

  EntryKey<K> key() {
    return key;
  }

  @Nullable Grant grant() {
    return grant;
  }

  @Nullable Lease lease() {
    return grant == null ? null : grant.lease();
  }

  /** Returns the lease of a load that was announced with one. */
  Lease heldLease() {
    return Objects.requireNonNull(lease(), "a load without a lease");
  }

  /** Returns the entry that this load refreshes, if it is a refresh. */
  @Nullable Entry replaced() {
    return grant == null ? null : grant.replaced();
  }

  @Nullable Duration replacedAge() {
    return grant == null ? null : grant.replacedAge();
  }

  /** Completes when the load has ended, for those who joined it. */
  CompletableFuture<Outcome<V>> outcome() {
    return outcome;
  }

  /** Completes when the store has answered the fill too, or none is sent. */
  CompletableFuture<@Nullable Void> settled() {
    return settled;
  }

  /** Completes when the caller that loads has its answer. */
  CompletableFuture<@Nullable V> ownResult() {
    return ownResult;
  }

  /**
   * Returns whether the load began after a moment, so that who arrived then may share its result.
   */
  boolean beganAfter(long nanos) {
    return begun && begunNanos - nanos > 0;
  }

  boolean hasBegun() {
    return begun;
  }

  boolean isEnded() {
    return ended.get();
  }

  /** Returns where the commands that end this load are collected; null if they are sent at once. */
  @Nullable Batch batch() {
    return batch;
  }

  void collectIn(Batch batch) {
    this.batch = batch;
  }

  /** Returns whether the load has begun, and nothing ends it yet at its load timeout. */
  boolean needsTimer() {
    return begun && timer.get() == null;
  }

  /** Returns the time of the clock that this load is measured by. */
  long nowNanos() {
    return engine.environment.nanoTime();
  }

  // ---- Who waits for it -----------------------------------------------------------------------

  /** Counts one more who waits for the result; its owner counts from the start. */
  void join() {
    waiting.incrementAndGet();
  }

  /** Counts one less, because he has left; the last one ends the load. */
  void leave() {
    if (waiting.decrementAndGet() == 0) {
      cancel();
    }
  }

  private void cancel() {
    giveUp(
        engine.events::loadCancelled,
        new CancellationException("nobody waits for the load any more"));
  }

  /** Lets the loader know that its result is not wanted any more. */
  private void stopLoader() {
    loaderThread.interrupt();
    if (cancelAction.get() != null) {
      engine.executor.execute(this::runCancelAction);
    }
  }

  void onCancel(Runnable action) {
    cancelAction.set(action);
    if (isEnded()) {
      runCancelAction();
    }
  }

  /** Runs the action if the loader has given one, once whoever comes first. */
  private void runCancelAction() {
    Runnable action = cancelAction.getAndSet(null);
    if (action != null) {
      engine.events.cancel(key, action);
    }
  }

  Duration remainingTime() {
    Duration left = engine.settings.loads().timeout().minus(elapsed());
    return left.isNegative() || isEnded() ? Duration.ZERO : left;
  }

  // ---- Running --------------------------------------------------------------------------------

  /** Sets a bound on the time until the load begins, because others may join it from now on. */
  void announced() {
    setTimer(engine.settings.loads().timeout());
  }

  /** Begins the load. */
  void begin() {
    startClock(engine.environment.nanoTime());
    scheduleTick();
  }

  /** Starts the clock of the load: nothing that its loader reads is older than this. */
  void startClock(long nanos) {
    begunNanos = nanos;
    begun = true;
  }

  /**
   * Runs the loader when it is its turn, again if it fails and the retry policy wants that, and
   * ends with its answer.
   *
   * @param loaders where the loader runs
   * @param nested whether another loader of this cache waits for it
   */
  void run(
      Source<K, V> source, Caller caller, Executor loaders, boolean nested, ReadOptions options) {
    Retry<Loaded<V>> tries =
        new Retry<>(
            engine.settings.loads().retry(),
            engine.environment,
            loaders,
            caller,
            () -> attempt(source, caller, loaders),
            (loaded, failure) -> answered(loaded, failure, caller, options));
    retry = tries;
    try {
      engine.permits.run(
          turn,
          caller,
          loaders,
          nested,
          tries::run,
          () -> refused(engine.failures.rejected(key)),
          this::notTaken);
    } catch (Throwable thrown) {
      refused(thrown);
      throw thrown;
    }
  }

  private CompletionStage<Loaded<V>> attempt(Source<K, V> source, Caller caller, Executor loaders)
      throws Exception {
    checkWanted(caller);
    Loading<K, V> loading = new Loading<>(engine, this);
    LoaderThreads.Inside outer = engine.loaders.inside();
    try {
      engine.loaders.enter(Set.of(key.text()));
      enterLoader(caller, loaders);
      if (loaders != caller) {
        loaderThread.enter();
      }
      CompletionStage<? extends @Nullable V> answer = source.load(key.key(), loading);
      return Objects.requireNonNull(answer, "null instead of a stage was returned")
          .thenApply(loading::answered);
    } finally {
      leaveLoader();
      try {
        loaderThread.leave();
      } finally {
        engine.loaders.backTo(outer);
      }
    }
  }

  private void checkWanted(Caller caller) {
    if (caller.isGone()) {
      throw engine.failures.interrupted();
    }
    if (isEnded()) {
      throw engine.failures.loadTimeout(key);
    }
  }

  /** Notes that the loader runs on this thread. */
  void enterLoader(Caller caller, Executor loaders) {
    blocksItsCaller = loaders == caller && caller.isWaitingThread();
    if (startedNanos == 0) {
      startedNanos = engine.environment.nanoTime();
    }
  }

  void leaveLoader() {
    blocksItsCaller = false;
  }

  private void answered(
      @Nullable Loaded<V> loaded, @Nullable Throwable failure, Caller caller, ReadOptions options) {
    if (failure != null) {
      failed(failure, caller);
    } else if (loaded != null) {
      loaded(loaded, options);
    }
  }

  // ---- Ending ---------------------------------------------------------------------------------

  void loaded(Loaded<V> loaded, ReadOptions options) {
    try {
      end(
          new Outcome.Loaded<>(loaded.value()),
          () -> {
            Duration loadTime = loadTime();
            engine.events.loaded(key, loadTime);
            engine.filler.fill(this, loaded, options, loadTime);
          },
          () -> {});
    } catch (Error error) {
      ownResult.completeExceptionally(error);
      throw error;
    } finally {
      ownResult.complete(loaded.value());
    }
  }

  /** Ends the load with the failure of a loader; of one whose caller has gone it says nothing. */
  void failed(Throwable failure, Caller caller) {
    failed(caller.isGone() ? engine.failures.interrupted() : failure);
  }

  /** Ends the load with a failure, which those who joined share if it is one of the source. */
  void failed(Throwable failure) {
    failed(failure, isOfTheSource(failure));
  }

  /** Ends the load because no thread took its loader; who joined it looks again. */
  void notTaken(Throwable refusal) {
    failed(refusal, false);
  }

  private void failed(Throwable failure, boolean ofTheSource) {
    try {
      end(
          ofTheSource ? new Outcome.Failed<>(failure) : new Outcome.Lost<>(),
          () -> {
            engine.events.loadFailed(key, loadTime(), failure);
            if (ofTheSource) {
              engine.leases.fail(this, failure);
            } else {
              engine.leases.release(this);
            }
          },
          () -> {});
    } finally {
      ownResult.completeExceptionally(failure);
    }
  }

  private static boolean isOfTheSource(Throwable failure) {
    return !(failure instanceof VirtualMachineError
        || failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof LoadTimeoutException
        || failure instanceof LoadRejectedException
        || failure instanceof RejectedExecutionException);
  }

  /** Ends the load before its loader began; who joined it looks again. */
  void abandon() {
    end(new Outcome.Lost<>(), () -> engine.leases.release(this), () -> {});
  }

  /** Ends the load before its loader began, because that was not possible. */
  void refused(Throwable refusal) {
    try {
      abandon();
    } finally {
      ownResult.completeExceptionally(refusal);
    }
  }

  /** Ends a load whose lease was not granted; who joined it looks again. */
  void discard() {
    end(new Outcome.Lost<>(), () -> engine.loads.ended(this), () -> {});
  }

  /** Ends the load because the cache was closed; who joined it finds that out by itself. */
  void close(IllegalStateException closed) {
    giveUp(() -> {}, closed);
  }

  /** Returns whether the load has taken longer than anybody is to wait for it. */
  private boolean isOverdue() {
    return elapsed().compareTo(engine.settings.loads().timeout()) >= 0;
  }

  /**
   * Returns whether nobody is to join it any more: its time is over, or it has ended in vain. It is
   * forgotten then, which an {@code Error} may have prevented.
   */
  boolean isOver() {
    endIfOverdue();
    boolean inVain = outcome.isDone() && !(outcome.join() instanceof Outcome.Loaded);
    if (inVain) {
      engine.loads.ended(this);
    }
    return inVain || isOverdue();
  }

  /** Lets those who wait go on without a load whose time is over, if that has not been done. */
  void endIfOverdue() {
    if (isOverdue()) {
      if (!outcome.isDone()) {
        timeOut();
      }
      engine.loads.ended(this);
    }
  }

  private void timeOut() {
    if (!begun) {
      abandon();
    } else {
      LoadTimeoutException timeout = engine.failures.loadTimeout(key);
      giveUp(() -> engine.events.loadTimedOut(key, elapsed(), timeout, engine.executor), timeout);
    }
    completeEnd();
  }

  /** Does what an end has left open that was interrupted by an {@code Error}. */
  private void completeEnd() {
    if (!outcome.isDone()) {
      boolean blocked = blocksItsCaller;
      over(
          new Outcome.Lost<>(),
          () -> engine.leases.release(this),
          () -> {
            if (!blocked) {
              ownResult.completeExceptionally(engine.failures.loadTimeout(key));
            }
          });
    }
  }

  /**
   * Ends the load without its loader. Those who joined go on last, because the loader may wait for
   * one of them, and its caller is to have one answer whoever is faster. That caller is told
   * nothing while its thread is busy loading, and will bring the answer.
   */
  private void giveUp(Runnable event, RuntimeException failure) {
    boolean blocked = blocksItsCaller;
    boolean first =
        end(
            new Outcome.Lost<>(),
            () -> {
              event.run();
              engine.leases.release(this);
            },
            () -> {
              if (!blocked) {
                ownResult.completeExceptionally(failure);
              }
            });
    if (first) {
      stopLoader();
    }
  }

  /**
   * Ends the load, unless it has ended. Those who joined go on, whatever happens to the rest.
   *
   * @param effects what follows from this end
   * @param answer what the caller that loads is told
   */
  private boolean end(Outcome<V> result, Runnable effects, Runnable answer) {
    boolean first = ended.compareAndSet(false, true);
    if (first) {
      over(result, () -> endTurn(effects), answer);
    }
    return first;
  }

  private void over(Outcome<V> result, Runnable effects, Runnable answer) {
    try {
      effects.run();
    } catch (Throwable failure) {
      engine.leases.release(this);
      throw failure;
    } finally {
      try {
        answer.run();
      } finally {
        outcome.complete(result);
      }
      cancelTimer();
    }
  }

  private void endTurn(Runnable effects) {
    try {
      turn.end();
    } finally {
      effects.run();
    }
  }

  private void cancelTimer() {
    Environment.Timer pending = timer.get();
    if (pending != null) {
      pending.cancel();
    }
    Retry<?> tries = retry;
    if (tries != null) {
      tries.stop();
    }
  }

  private void setTimer(Duration delay) {
    Environment.Timer next = engine.environment.schedule(delay, this::tick);
    Environment.Timer before = timer.getAndSet(next);
    if (before != null) {
      before.cancel();
    }
    if (outcome.isDone()) {
      next.cancel();
    }
  }

  /** Returns how long the loader has taken, without the time in which it waited for its turn. */
  private Duration loadTime() {
    long from = startedNanos == 0 ? begunNanos : startedNanos;
    return Duration.ofNanos(engine.environment.nanoTime() - from);
  }

  private Duration elapsed() {
    return Duration.ofNanos(engine.environment.nanoTime() - (begun ? begunNanos : createdNanos));
  }

  /** Sets the timer of a load that has begun. */
  void scheduleTick() {
    Duration left = engine.settings.loads().timeout().minus(elapsed());
    Lease lease = lease();
    Duration renewal = lease == null ? left : lease.ttl().dividedBy(3);
    Duration delay = renewal.compareTo(left) < 0 ? renewal : left;
    setTimer(delay.isNegative() ? Duration.ZERO : delay);
  }

  /** Renews the lease, until the time of the load is over; a timer that fails ends the load. */
  private void tick() {
    if (outcome.isDone()) {
      outcome.complete(new Outcome.Lost<>()); // passes on what an Error kept from those who joined
      return;
    }
    try {
      if (isOverdue()) {
        timeOut();
        return;
      }
      if (!isEnded()) {
        engine.renewals.renew(this);
      }
      scheduleTick();
    } catch (Throwable failure) {
      lose(failure);
      throw failure;
    }
  }

  /** Ends the load because it cannot be watched any more; who joined it looks again. */
  private void lose(Throwable failure) {
    boolean blocked = blocksItsCaller;
    end(
        new Outcome.Lost<>(),
        () -> engine.leases.release(this),
        () -> {
          if (!blocked) {
            ownResult.completeExceptionally(failure);
          }
        });
    completeEnd();
  }
}
