package io.cacheaside;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, from the grant of its lease to the fill.
 *
 * <p>It ends once: with the answer of its loader, or at the load timeout, when the lease is given
 * up and those who joined go on without it. What the loader returns after that reaches its own
 * caller alone. A load without a lease (there was no store to grant one) never fills.
 */
final class Load<K, V> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final @Nullable Lease lease;
  private final CompletableFuture<Outcome<V>> outcome = new CompletableFuture<>();
  private final CompletableFuture<@Nullable V> ownResult = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile Environment.@Nullable Timer timer;
  private volatile boolean blocksItsCaller;
  private volatile boolean begun;
  private volatile long begunNanos;

  Load(Engine<K, V> engine, EntryKey<K> key, @Nullable Lease lease) {
    this.engine = engine;
    this.key = key;
    this.lease = lease;
  }

  EntryKey<K> key() {
    return key;
  }

  @Nullable Lease lease() {
    return lease;
  }

  /** Returns the lease of a load that was announced with one. */
  Lease heldLease() {
    return Objects.requireNonNull(lease, "a load without a lease");
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

  /** Starts the clock of the load: nothing that its loader reads is older than this. */
  void begin() {
    begunNanos = engine.environment.nanoTime();
    begun = true;
    scheduleTick();
  }

  /**
   * Runs the loader, again if it fails and the retry policy wants that, and ends with its answer.
   */
  void run(Source<K, V> source, Caller caller, Duration ttl) {
    Executor loaders = engine.loadersOf(caller);
    if (loaders == caller) {
      tryToLoad(source, caller, caller, ttl);
    } else {
      try {
        loaders.execute(() -> tryToLoad(source, caller, loaders, ttl));
      } catch (RejectedExecutionException rejected) {
        failed(rejected);
      }
    }
  }

  private void tryToLoad(Source<K, V> source, Caller caller, Executor loaders, Duration ttl) {
    Retry.<V>run(
        engine.settings.loadRetry(),
        engine.environment,
        loaders,
        caller,
        () -> attempt(source, caller),
        (value, failure) -> {
          if (failure == null) {
            loaded(value, ttl);
          } else {
            failed(caller.isGone() ? new WaitInterruptedException(name()) : failure);
          }
        });
  }

  private String name() {
    return engine.settings.name();
  }

  private CompletionStage<? extends @Nullable V> attempt(Source<K, V> source, Caller caller)
      throws Exception {
    if (caller.isGone()) {
      throw new WaitInterruptedException(name());
    }
    if (isEnded()) {
      throw engine.loadTimeoutOf(key);
    }
    enterLoader(caller);
    try {
      return source.load(key.key());
    } finally {
      leaveLoader();
    }
  }

  /** Notes that the loader runs on this thread, which must not ask for the same key. */
  void enterLoader(Caller caller) {
    blocksItsCaller = engine.loadersOf(caller) == caller && caller.isWaitingThread();
    engine.loaders.enter(key);
  }

  void leaveLoader() {
    engine.loaders.leave(key);
    blocksItsCaller = false;
  }

  void loaded(@Nullable V value, Duration ttl) {
    try {
      if (end()) {
        conclude(
            new Outcome.Loaded<>(value),
            () -> {
              engine.events.loaded(key, elapsed());
              engine.leases.fill(this, value, ttl);
            });
      }
    } finally {
      ownResult.complete(value);
    }
  }

  /** Ends the load with a failure, which those who joined share if it is one of the source. */
  void failed(Throwable failure) {
    try {
      if (end()) {
        conclude(
            isOfTheSource(failure) ? new Outcome.Failed<>(failure) : new Outcome.Lost<>(),
            () -> {
              engine.events.loadFailed(key, elapsed(), failure);
              engine.leases.release(this);
            });
      }
    } finally {
      ownResult.completeExceptionally(failure);
    }
  }

  private static boolean isOfTheSource(Throwable failure) {
    return !(failure instanceof InterruptedException
        || failure instanceof WaitInterruptedException
        || failure instanceof RejectedExecutionException);
  }

  /** Ends the load before its loader began; who joined it looks again. */
  void abandon() {
    if (end()) {
      conclude(new Outcome.Lost<>(), () -> engine.leases.release(this));
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
    if (end()) {
      conclude(new Outcome.Lost<>(), () -> engine.leases.release(this));
      failOwnCaller(closed);
    }
  }

  private void timeOut() {
    if (end()) {
      LoadTimeoutException timeout = engine.loadTimeoutOf(key);
      engine.events.loadTimedOut(key, elapsed(), timeout, engine.executor);
      conclude(new Outcome.Lost<>(), () -> engine.leases.release(this));
      failOwnCaller(timeout);
    }
  }

  /**
   * Fails the caller that loads, unless its own thread is busy loading and will bring the answer.
   */
  private void failOwnCaller(RuntimeException failure) {
    if (!blocksItsCaller) {
      ownResult.completeExceptionally(failure);
    }
  }

  /** Lets those who joined go on, whatever happens to the rest. */
  private void conclude(Outcome<V> result, Runnable effects) {
    try {
      effects.run();
    } catch (Throwable failure) {
      engine.loads.ended(this);
      throw failure;
    } finally {
      outcome.complete(result);
    }
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    Environment.Timer pending = timer;
    if (first && pending != null) {
      pending.cancel();
    }
    return first;
  }

  private Duration elapsed() {
    return Duration.ofNanos(engine.environment.nanoTime() - begunNanos);
  }

  private void scheduleTick() {
    Duration left = engine.settings.loadTimeout().minus(elapsed());
    Duration renewal = lease == null ? left : lease.ttl().dividedBy(3);
    Duration delay = renewal.compareTo(left) < 0 ? renewal : left;
    Environment.Timer next =
        engine.environment.schedule(delay.isNegative() ? Duration.ZERO : delay, this::tick);
    timer = next;
    if (ended.get()) {
      next.cancel();
    }
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
