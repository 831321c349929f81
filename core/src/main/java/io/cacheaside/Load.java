package io.cacheaside;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, from the grant that allows it to the fill.
 *
 * <p>It ends once: with the answer of its loader; at the load timeout, when its lease and its place
 * among the running loads are given up and those who joined go on without it; or when the last of
 * those who waited for it has left. What the loader returns after that reaches its own caller
 * alone. A load without a grant (there was no store to give one) never fills.
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
  private volatile @Nullable Runnable cancelAction;
  private volatile Environment.@Nullable Timer timer;
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
    boolean blocked = blocksItsCaller;
    if (end()) {
      engine.events.loadCancelled();
      giveUp(blocked, new CancellationException("nobody waits for the load any more"));
    }
  }

  /** Lets the loader know that its result is not wanted any more. */
  private void stopLoader() {
    loaderThread.interrupt();
    Runnable action = cancelAction;
    if (action != null) {
      engine.executor.execute(action);
    }
  }

  void onCancel(Runnable action) {
    cancelAction = action;
    if (isEnded()) {
      action.run();
    }
  }

  Duration remainingTime() {
    Duration left = engine.settings.loadTimeout().minus(elapsed());
    return left.isNegative() || isEnded() ? Duration.ZERO : left;
  }

  // ---- Running --------------------------------------------------------------------------------

  /** Sets a bound on the time until the load begins, because others may join it from now on. */
  void announced() {
    setTimer(engine.settings.loadTimeout(), this::notBegun);
  }

  private void notBegun() {
    if (!begun) {
      abandon();
    }
  }

  /** Starts the clock of the load: nothing that its loader reads is older than this. */
  void begin() {
    begunNanos = engine.environment.nanoTime();
    begun = true;
    cancelTimer();
    scheduleTick();
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
    engine.permits.run(
        turn,
        caller,
        loaders,
        nested,
        () ->
            Retry.<Loaded<V>>run(
                engine.settings.loadRetry(),
                engine.environment,
                loaders,
                caller,
                () -> attempt(source, caller, loaders),
                (loaded, failure) -> answered(loaded, failure, caller, options)),
        () -> rejected(engine.rejectedLoadOf(key)),
        this::failed);
  }

  private String name() {
    return engine.settings.name();
  }

  private CompletionStage<Loaded<V>> attempt(Source<K, V> source, Caller caller, Executor loaders)
      throws Exception {
    checkWanted(caller);
    Loading<K, V> loading = new Loading<>(engine, this);
    enterLoader(caller, loaders);
    if (loaders != caller) {
      loaderThread.enter();
    }
    try {
      CompletionStage<? extends @Nullable V> answer = source.load(key.key(), loading);
      return Objects.requireNonNull(answer, "null instead of a stage was returned")
          .thenApply(loading::answered);
    } finally {
      loaderThread.leave();
      leaveLoader();
    }
  }

  private void checkWanted(Caller caller) {
    if (caller.isGone()) {
      throw new WaitInterruptedException(name());
    }
    if (isEnded()) {
      throw engine.loadTimeoutOf(key);
    }
  }

  /** Notes that the loader runs on this thread, which must not ask for the same key. */
  void enterLoader(Caller caller, Executor loaders) {
    blocksItsCaller = loaders == caller && caller.isWaitingThread();
    engine.loaders.enter(key);
    if (startedNanos == 0) {
      startedNanos = engine.environment.nanoTime();
    }
  }

  void leaveLoader() {
    engine.loaders.leave(key);
    blocksItsCaller = false;
  }

  private void answered(
      @Nullable Loaded<V> loaded, @Nullable Throwable failure, Caller caller, ReadOptions options) {
    if (failure != null) {
      failed(caller.isGone() ? new WaitInterruptedException(name()) : failure);
    } else if (loaded != null) {
      loaded(loaded, options);
    }
  }

  // ---- Ending ---------------------------------------------------------------------------------

  void loaded(Loaded<V> loaded, ReadOptions options) {
    try {
      if (end()) {
        conclude(
            new Outcome.Loaded<>(loaded.value()),
            () -> {
              Duration loadTime = loadTime();
              engine.events.loaded(key, loadTime);
              engine.leases.fill(this, loaded, options, loadTime);
            });
      }
    } finally {
      ownResult.complete(loaded.value());
    }
  }

  /** Ends the load with a failure, which those who joined share if it is one of the source. */
  void failed(Throwable failure) {
    try {
      if (end()) {
        boolean ofTheSource = isOfTheSource(failure);
        conclude(
            ofTheSource ? new Outcome.Failed<>(failure) : new Outcome.Lost<>(),
            () -> {
              engine.events.loadFailed(key, loadTime(), failure);
              if (ofTheSource) {
                engine.leases.fail(this, failure);
              } else {
                engine.leases.release(this);
              }
            });
      }
    } finally {
      ownResult.completeExceptionally(failure);
    }
  }

  private static boolean isOfTheSource(Throwable failure) {
    return !(failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof LoadTimeoutException
        || failure instanceof LoadRejectedException
        || failure instanceof RejectedExecutionException);
  }

  /** Ends the load before its loader began; who joined it looks again. */
  void abandon() {
    if (end()) {
      conclude(new Outcome.Lost<>(), () -> engine.leases.release(this));
    }
  }

  /** Ends the load before its loader began, because there is no place for it. */
  void rejected(LoadRejectedException rejection) {
    try {
      abandon();
    } finally {
      ownResult.completeExceptionally(rejection);
    }
  }

  /** Ends a load whose lease was not granted; who joined it looks again. */
  void discard() {
    if (end()) {
      conclude(new Outcome.Lost<>(), () -> engine.loads.ended(this));
    }
  }

  /** Ends the load because the cache was closed; who joined it finds that out by itself. */
  void close(IllegalStateException closed) {
    boolean blocked = blocksItsCaller;
    if (end()) {
      giveUp(blocked, closed);
    }
  }

  private void timeOut() {
    boolean blocked = blocksItsCaller;
    if (end()) {
      LoadTimeoutException timeout = engine.loadTimeoutOf(key);
      engine.events.loadTimedOut(key, elapsed(), timeout, engine.executor);
      giveUp(blocked, timeout);
    }
  }

  /**
   * Ends the load without its loader. Those who joined go on last, because the loader may wait for
   * one of them, and its caller is to have one answer whoever is faster.
   *
   * @param blocked whether the thread of that caller is busy loading, and will bring the answer
   */
  private void giveUp(boolean blocked, RuntimeException failure) {
    try {
      engine.leases.release(this);
    } finally {
      if (!blocked) {
        ownResult.completeExceptionally(failure);
      }
      outcome.complete(new Outcome.Lost<>());
    }
    stopLoader();
  }

  /** Lets those who joined go on, whatever happens to the rest. */
  private void conclude(Outcome<V> result, Runnable effects) {
    try {
      effects.run();
    } catch (Throwable failure) {
      engine.leases.release(this);
      throw failure;
    } finally {
      outcome.complete(result);
    }
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    if (first) {
      cancelTimer();
      turn.end();
    }
    return first;
  }

  private void cancelTimer() {
    Environment.Timer pending = timer;
    if (pending != null) {
      pending.cancel();
    }
  }

  private void setTimer(Duration delay, Runnable task) {
    Environment.Timer next = engine.environment.schedule(delay, task);
    timer = next;
    if (ended.get()) {
      next.cancel();
    }
  }

  /** Returns how long the loader has taken, without the time in which it waited for its turn. */
  private Duration loadTime() {
    long from = startedNanos == 0 ? begunNanos : startedNanos;
    return Duration.ofNanos(engine.environment.nanoTime() - from);
  }

  private Duration elapsed() {
    return Duration.ofNanos(engine.environment.nanoTime() - begunNanos);
  }

  private void scheduleTick() {
    Duration left = engine.settings.loadTimeout().minus(elapsed());
    Lease lease = lease();
    Duration renewal = lease == null ? left : lease.ttl().dividedBy(3);
    Duration delay = renewal.compareTo(left) < 0 ? renewal : left;
    setTimer(delay.isNegative() ? Duration.ZERO : delay, this::tick);
  }

  private void tick() {
    if (ended.get()) {
      return;
    }
    if (elapsed().compareTo(engine.settings.loadTimeout()) >= 0) {
      timeOut();
    } else {
      engine.leases.renew(this);
      scheduleTick();
    }
  }
}
