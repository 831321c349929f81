package io.cacheaside.internal.load;

import io.cacheaside.Environment;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Batch;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.lease.Filler;
import io.cacheaside.internal.lease.Grant;
import io.cacheaside.internal.lease.Lease;
import io.cacheaside.internal.lease.Leases;
import io.cacheaside.internal.lease.LoadResult;
import io.cacheaside.internal.lease.Renewals;
import io.cacheaside.internal.read.Snapshot;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One load of one key, from the grant that allows it to the fill.
 *
 * <p>It ends once: with the answer of its loader; at the load timeout, when its lease and its place
 * among the running loads are given up and those who joined go on without it; or when the last of
 * those who waited for it has left. What the loader returns after that reaches its own caller
 * alone. A load without a grant (there was no store to give one) never fills.
 *
 * <table>
 * <caption>How a load ends</caption>
 * <tr><th>ended by</th><th>who joined</th><th>its caller</th><th>its lease</th>
 * <th>counted</th></tr>
 * <tr><td>a value</td><td>the value</td><td>the value</td><td>is filled</td><td>load</td></tr>
 * <tr><td>a failure of the source</td><td>the failure</td><td>the failure</td>
 * <td>becomes a note</td><td>failed load</td></tr>
 * <tr><td>any other failure</td><td>read again</td><td>the failure</td><td>is given back</td>
 * <td>failed load</td></tr>
 * <tr><td>a refusal, before it began</td><td>read again</td><td>the refusal</td>
 * <td>is given back</td><td>by who refused it</td></tr>
 * <tr><td>a lease that is not granted</td><td>read again</td><td>reads again</td><td>is none</td>
 * <td></td></tr>
 * <tr><td>the load timeout, the last who leaves, the end of the cache</td><td>read again</td>
 * <td>that, unless its thread is in the loader</td><td>is given back</td>
 * <td>failed, cancelled, not at all</td></tr>
 * </table>
 *
 * <p>An {@code Error}, such as a stack overflow, may interrupt any step, that of the end too. The
 * timer is the last thing that an end takes away: until then it completes what an interrupted end
 * has left open, at the load timeout. So do those who waited for as long, if the timer was lost.
 */
public final class Load<K, V> {
  private final Context<K, V> context;
  private final EntryKey<K> key;
  private final @Nullable Grant grant;
  private final Consumer<Load<K, V>> forgotten;
  private final CompletableFuture<LoadOutcome<V>> outcome = new CompletableFuture<>();
  private final CompletableFuture<@Nullable V> ownResult = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicInteger waiting = new AtomicInteger(1);
  private final AtomicReference<@Nullable Runnable> cancelAction = new AtomicReference<>();
  private final AtomicReference<Environment.@Nullable Timer> timer = new AtomicReference<>();
  private final AtomicBoolean hasLeftRun = new AtomicBoolean();
  private final long createdNanos;
  private volatile LoaderRuns.@Nullable Run<?> run;
  private volatile @Nullable Batch batch;
  private volatile boolean begun;
  private volatile long begunNanos;

  /**
   * What all loads of a cache share.
   *
   * @param timeout how long a load may take
   * @param executor runs what users give to be run when a load is cancelled
   */
  public record Context<K, V>(
      Environment environment,
      Duration timeout,
      Executor executor,
      Filler<K, V> filler,
      Leases leases,
      Renewals renewals,
      Events<K> events,
      Failures<K> failures) {}

  /**
   * Creates a load that has not begun.
   *
   * @param forgotten is told when nobody can join it any more
   */
  Load(
      Context<K, V> context,
      EntryKey<K> key,
      @Nullable Grant grant,
      Consumer<Load<K, V>> forgotten) {
    this.context = context;
    this.key = key;
    this.grant = grant;
    this.forgotten = forgotten;
    this.createdNanos = nowNanos();
  }

  public EntryKey<K> key() {
    return key;
  }

  @Nullable Grant grant() {
    return grant;
  }

  /** Returns the grant of a load that was announced with one. */
  public Grant heldGrant() {
    return Objects.requireNonNull(grant, "a load without a grant");
  }

  @Nullable Lease lease() {
    return grant == null ? null : grant.lease();
  }

  /** Returns the lease of a load that was announced with one. */
  public Lease heldLease() {
    return Objects.requireNonNull(lease(), "a load without a lease");
  }

  /** Returns what this load refreshes, as it was seen; null if it is no refresh. */
  @Nullable Snapshot replaced() {
    return grant instanceof Grant.OnRefresh refresh ? refresh.seen() : null;
  }

  /** Completes when the load has ended, for those who joined it. */
  public CompletableFuture<LoadOutcome<V>> outcome() {
    return outcome;
  }

  /** Completes when the store has answered the fill too, or none is sent. */
  public CompletableFuture<@Nullable Void> settled() {
    return settled;
  }

  /** Completes when the caller that loads has its answer. */
  public CompletableFuture<@Nullable V> ownResult() {
    return ownResult;
  }

  /**
   * Returns whether the load began after a moment, so that who arrived then may share its result.
   */
  public boolean beganAfter(long nanos) {
    return begun && begunNanos - nanos > 0;
  }

  public boolean hasBegun() {
    return begun;
  }

  public boolean isEnded() {
    return ended.get();
  }

  /** Lets the commands that end this load be collected. */
  void collectIn(Batch batch) {
    this.batch = batch;
  }

  /** Returns whether the load has begun, and nothing ends it yet at its load timeout. */
  boolean needsTimer() {
    return begun && timer.get() == null;
  }

  /** Returns the time of the clock that this load is measured by. */
  long nowNanos() {
    return context.environment().nanoTime();
  }

  // ---- Who waits for it -----------------------------------------------------------------------

  /** Counts one more who waits for the result; its owner counts from the start. */
  public void join() {
    waiting.incrementAndGet();
  }

  /** Counts one less, because he has left; the last one ends the load. */
  public void leave() {
    if (waiting.decrementAndGet() == 0) {
      giveUp(
          context.events()::loadCancelled,
          new CancellationException("nobody waits for the load any more"));
    }
  }

  public void onCancel(Runnable action) {
    cancelAction.set(action);
    if (isEnded()) {
      runCancelAction();
    }
  }

  /** Runs the action if the loader has given one, once whoever comes first. */
  private void runCancelAction() {
    Runnable action = cancelAction.getAndSet(null);
    if (action != null) {
      context.events().cancel(key, action);
    }
  }

  Duration remainingTime() {
    Duration left = leftOfTimeout();
    return left.isNegative() || isEnded() ? Duration.ZERO : left;
  }

  private Duration leftOfTimeout() {
    return context.timeout().minus(elapsed());
  }

  // ---- Running --------------------------------------------------------------------------------

  /** Sets a bound on the time until the load begins, because others may join it from now on. */
  void announced() {
    setTimer(context.timeout());
  }

  /** Begins the load. */
  public void begin() {
    startClock(nowNanos());
    scheduleTick();
  }

  /** Starts the clock of the load: nothing that its loader reads is older than this. */
  void startClock(long nanos) {
    begunNanos = nanos;
    begun = true;
  }

  /** Notes which run of a loader brings the answer. */
  void runBy(LoaderRuns.Run<?> given) {
    run = given;
    if (isEnded()) {
      leaveRun();
    }
  }

  private void leaveRun() {
    LoaderRuns.Run<?> left = run;
    if (left != null && !hasLeftRun.getAndSet(true)) {
      left.leave();
    }
  }

  private boolean blocksItsCaller() {
    LoaderRuns.Run<?> current = run;
    return current != null && current.blocksItsCaller();
  }

  // ---- Ending ---------------------------------------------------------------------------------

  public void loaded(LoadResult<V> loaded) {
    try {
      end(
          new LoadOutcome.Value<>(loaded.value()),
          () -> {
            Duration loadTime = loadTime();
            context.events().loaded(key, loadTime);
            context.filler().fill(key, grant, batch, loaded, loadTime, this::forget);
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
    failed(caller.isGone() ? context.failures().interrupted() : failure);
  }

  /** Ends the load with a failure, which those who joined share if it is one of the source. */
  void failed(Throwable failure) {
    failed(failure, LoadOutcome.isShared(failure));
  }

  /** Ends the load because no thread took its loader; who joined it reads again. */
  void notTaken(Throwable refusal) {
    failed(refusal, false);
  }

  private void failed(Throwable failure, boolean ofTheSource) {
    try {
      end(
          ofTheSource ? new LoadOutcome.Failure<>(failure) : new LoadOutcome.Lost<>(),
          () -> {
            context.events().loadFailed(key, loadTime(), failure);
            if (ofTheSource) {
              leaveNote(failure);
            } else {
              release();
            }
          },
          () -> {});
    } finally {
      ownResult.completeExceptionally(failure);
    }
  }

  /** Ends the load before its loader began; who joined it reads again. */
  public void abandon() {
    end(new LoadOutcome.Lost<>(), this::release, () -> {});
  }

  /** Ends the load before its loader began, because that was not possible. */
  void refused(Throwable refusal) {
    try {
      abandon();
    } finally {
      ownResult.completeExceptionally(refusal);
    }
  }

  /** Ends a load whose lease was not granted; who joined it reads again. */
  public void discard() {
    end(new LoadOutcome.Lost<>(), this::forget, () -> {});
  }

  /** Ends the load because the cache was closed; who joined it finds that out by itself. */
  public void close(IllegalStateException closed) {
    giveUp(() -> {}, closed);
  }

  /** Returns whether the load has taken longer than anybody is to wait for it. */
  private boolean isOverdue() {
    return elapsed().compareTo(context.timeout()) >= 0;
  }

  /**
   * Returns whether nobody is to join it any more: its time is over, or it has ended in vain. It is
   * forgotten then, which an {@code Error} may have prevented.
   */
  boolean isOver() {
    endIfOverdue();
    boolean inVain = outcome.isDone() && !(outcome.join() instanceof LoadOutcome.Value);
    if (inVain) {
      forget();
    }
    return inVain || isOverdue();
  }

  /** Lets those who wait go on without a load whose time is over, if that has not been done. */
  public void endIfOverdue() {
    if (isOverdue()) {
      if (!outcome.isDone()) {
        timeOut();
      }
      forget();
    }
  }

  private void timeOut() {
    if (!begun) {
      abandon();
    } else {
      LoadTimeoutException timeout = context.failures().loadTimeout(key);
      giveUp(
          () -> context.events().loadTimedOut(key, elapsed(), timeout, context.executor()),
          timeout);
    }
    completeEnd();
  }

  /** Does what an end has left open that was interrupted by an {@code Error}. */
  private void completeEnd() {
    if (!outcome.isDone()) {
      over(
          new LoadOutcome.Lost<>(),
          this::release,
          tellCaller(() -> context.failures().loadTimeout(key)));
    }
  }

  /**
   * Ends the load without its loader. Those who joined go on last, because the loader may wait for
   * one of them, and its caller is to have one answer whoever is faster.
   */
  private void giveUp(Runnable event, RuntimeException failure) {
    boolean first =
        end(
            new LoadOutcome.Lost<>(),
            () -> {
              event.run();
              release();
            },
            tellCaller(() -> failure));
    if (first && cancelAction.get() != null) {
      context.executor().execute(this::runCancelAction);
    }
  }

  /**
   * Returns what tells the caller that loads of an end from outside: nothing while its thread is
   * busy loading, because it will bring the answer.
   */
  private Runnable tellCaller(Supplier<Throwable> failure) {
    boolean blocked = blocksItsCaller();
    return () -> {
      if (!blocked) {
        ownResult.completeExceptionally(failure.get());
      }
    };
  }

  /**
   * Ends the load, unless it has ended. Those who joined go on, whatever happens to the rest.
   *
   * @param effects what follows from this end
   * @param answer what the caller that loads is told
   */
  private boolean end(LoadOutcome<V> result, Runnable effects, Runnable answer) {
    boolean first = ended.compareAndSet(false, true);
    if (first) {
      over(result, () -> giveBackPlace(effects), answer);
    }
    return first;
  }

  private void over(LoadOutcome<V> result, Runnable effects, Runnable answer) {
    try {
      effects.run();
    } catch (Throwable failure) {
      release();
      throw failure;
    } finally {
      try {
        answer.run();
      } finally {
        outcome.complete(result);
      }
      stop();
    }
  }

  private void giveBackPlace(Runnable next) {
    try {
      Lease lease = lease();
      if (lease != null) {
        lease.end();
      }
      leaveRun();
    } finally {
      next.run();
    }
  }

  /** Unregisters the load, and completes {@code settled}. */
  public void forget() {
    try {
      forgotten.accept(this);
    } finally {
      settled.complete(null);
    }
  }

  /** Gives the lease back, so that the next reader can load at once. */
  public void release() {
    forget();
    context.leases().release(lease(), batch);
  }

  private void leaveNote(Throwable failure) {
    forget();
    if (grant != null) {
      context.leases().fail(grant, batch, failure);
    }
  }

  /**
   * Cancels the timer, and the run if no load wants its answer any more; also if an {@code Error}
   * has kept the end from leaving the run.
   */
  private void stop() {
    leaveRun();
    Environment.Timer pending = timer.get();
    if (pending != null) {
      pending.cancel();
    }
    LoaderRuns.Run<?> left = run;
    if (left != null) {
      left.stopIfOver();
    }
  }

  // ---- Time -----------------------------------------------------------------------------------

  private void setTimer(Duration delay) {
    Environment.Timer next = context.environment().schedule(delay, this::tick);
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
    LoaderRuns.Run<?> current = run;
    long startedNanos = current == null ? 0 : current.startedNanos();
    return Duration.ofNanos(nowNanos() - (startedNanos == 0 ? begunNanos : startedNanos));
  }

  private Duration elapsed() {
    return Duration.ofNanos(nowNanos() - (begun ? begunNanos : createdNanos));
  }

  /** Sets the timer of a load that has begun. */
  void scheduleTick() {
    Duration left = leftOfTimeout();
    Lease lease = lease();
    Duration renewal = lease == null ? left : lease.ttl().dividedBy(3);
    Duration delay = renewal.compareTo(left) < 0 ? renewal : left;
    setTimer(delay.isNegative() ? Duration.ZERO : delay);
  }

  /** Renews the lease, until the time of the load is over; a timer that fails ends the load. */
  private void tick() {
    if (outcome.isDone()) {
      outcome.complete(
          new LoadOutcome.Lost<>()); // passes on what an Error kept from those who joined
      return;
    }
    try {
      if (isOverdue()) {
        timeOut();
        return;
      }
      Lease lease = lease();
      if (lease != null && !isEnded()) {
        context.renewals().renew(lease);
      }
      scheduleTick();
    } catch (Throwable failure) {
      lose(failure);
      throw failure;
    }
  }

  /** Ends the load because it cannot be watched any more; who joined it reads again. */
  private void lose(Throwable failure) {
    end(new LoadOutcome.Lost<>(), this::release, tellCaller(() -> failure));
    completeEnd();
  }
}
