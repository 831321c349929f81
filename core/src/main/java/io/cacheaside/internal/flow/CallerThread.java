package io.cacheaside.internal.flow;

import io.cacheaside.WaitInterruptedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for an operation and meanwhile runs its steps: what makes a synchronous face
 * out of an asynchronous engine while loaders and codecs stay on the caller's thread.
 *
 * <p>The waiting thread alone takes steps and runs them. Once it has left, with its answer or
 * without, steps run on the executor, one at a time as before.
 */
public final class CallerThread implements Caller {
  private static final VarHandle NEWEST = newestOf(MethodHandles.lookup());

  /** An {@code Error} may have kept a thread from waking this one; so it looks now and then. */
  private static final long LONGEST_PARK_NANOS = 1_000_000_000;

  private final Thread thread = Thread.currentThread();
  private final Executor executor;
  private final String cacheName;
  private volatile @Nullable Step newest; // of the steps that nobody has taken
  private @Nullable Step next; // of those that were taken; used by the waiting thread alone
  private volatile boolean left;
  private volatile boolean gone;
  private boolean leaving; // used by the waiting thread alone
  private @Nullable Batch batch; // used by steps alone
  private volatile @Nullable SerialCaller successor;

  /** Only an operation that loads or waits has any. */
  private volatile @Nullable Set<Runnable> leaveHooks;

  public CallerThread(Executor executor, String cacheName) {
    this.executor = executor;
    this.cacheName = cacheName;
  }

  /** A step, and another one: what was added before it, or what comes after it once taken. */
  private record Step(Runnable action, @Nullable Step other) {}

  private static VarHandle newestOf(MethodHandles.Lookup lookup) {
    try {
      return lookup.findVarHandle(CallerThread.class, "newest", Step.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public void execute(Runnable step) {
    if (left) {
      successor().execute(step);
      return;
    }
    add(step);
    if (left) {
      handOver(takeAll());
    } else if (Thread.currentThread() != thread) {
      LockSupport.unpark(thread);
    }
  }

  private void add(Runnable action) {
    Step before;
    do {
      before = newest;
    } while (!NEWEST.compareAndSet(this, before, new Step(action, before)));
  }

  /** Takes all steps that were added, in that order. */
  private @Nullable Step takeAll() {
    Step step = (Step) NEWEST.getAndSet(this, null);
    if (step == null || step.other() == null) {
      return step;
    }
    Step first = null;
    for (; step != null; step = step.other()) {
      first = new Step(step.action(), first);
    }
    return first;
  }

  /** Returns the step to be run next, for the waiting thread; null if there is none. */
  private @Nullable Runnable poll() {
    Step step = next == null ? takeAll() : next;
    if (step == null) {
      return null;
    }
    next = step.other();
    return step.action();
  }

  private void handOver(@Nullable Step first) {
    for (Step step = first; step != null; step = step.other()) {
      successor().execute(step.action());
    }
  }

  private synchronized SerialCaller successor() {
    SerialCaller known = successor;
    if (known == null) {
      known = new SerialCaller(executor);
      successor = known;
    }
    return known;
  }

  @Override
  public @Nullable Batch batch() {
    return batch;
  }

  @Override
  public void collectIn(@Nullable Batch batch) {
    this.batch = batch;
  }

  @Override
  public boolean isGone() {
    return gone;
  }

  @Override
  public boolean isLeaving() {
    leaving |= Thread.currentThread() == thread && thread.isInterrupted();
    return leaving || gone;
  }

  @Override
  public void whenGone(Runnable hook) {
    leaveHooks().add(hook);
    if (gone) {
      runLeaveHooks();
    }
  }

  @Override
  public void forget(Runnable hook) {
    Set<Runnable> hooks = leaveHooks;
    if (hooks != null) {
      hooks.remove(hook);
    }
  }

  private synchronized Set<Runnable> leaveHooks() {
    Set<Runnable> hooks = leaveHooks;
    if (hooks == null) {
      hooks = ConcurrentHashMap.newKeySet();
      leaveHooks = hooks;
    }
    return hooks;
  }

  @Override
  public boolean isWaitingThread() {
    return true;
  }

  @Override
  public void ended() {
    if (Thread.currentThread() != thread) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Runs steps until a result is there.
   *
   * @param result whose end this caller is {@linkplain #ended told} of
   * @throws WaitInterruptedException if the thread was interrupted before that
   */
  public void await(CompletableFuture<?> result) {
    await(result, null);
  }

  /**
   * Begins an operation and runs its steps until its result is there.
   *
   * @throws WaitInterruptedException if the thread was interrupted before that
   */
  public void await(Operation<?> operation) {
    await(operation.result, operation);
  }

  private void await(CompletableFuture<?> result, @Nullable Operation<?> operation) {
    try {
      if (operation != null) {
        operation.run();
      }
      awaitDone(result, operation);
    } catch (Throwable thrown) {
      gone = true;
      runLeaveHooks();
      throw thrown;
    } finally {
      left = true;
      handOver(next);
      handOver(takeAll());
    }
  }

  private void awaitDone(CompletableFuture<?> result, @Nullable Operation<?> operation) {
    while (!result.isDone()) {
      Runnable step = poll();
      if (step != null) {
        step.run();
      } else if (isLeaving()) {
        throw new WaitInterruptedException(cacheName);
      } else if (!result.isDone()) {
        LockSupport.parkNanos(this, LONGEST_PARK_NANOS);
        if (operation != null && newest == null && !result.isDone()) {
          operation.recheck();
        }
      }
    }
  }

  private void runLeaveHooks() {
    Set<Runnable> hooks = leaveHooks;
    if (hooks == null) {
      return;
    }
    for (Runnable hook : List.copyOf(hooks)) {
      if (hooks.remove(hook)) {
        hook.run();
      }
    }
  }
}
