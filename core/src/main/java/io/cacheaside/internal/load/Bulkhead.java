package io.cacheaside.internal.load;

import io.cacheaside.Environment;
import io.cacheaside.internal.flow.Caller;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How many loads of a cache may read the source at the same time, and who waits for a place.
 *
 * <p>After a cold start the bound rises from a tenth of its value to all of it over the warm-up
 * time, so that a store that came back empty does not turn all its misses into loads at once.
 *
 * <p>State is guarded by this object's monitor, in which nothing waits. The environment, which does
 * not block, is the only one that is called in it.
 */
public final class Bulkhead {
  private static final int RETRY_PARTS = 20;

  private final Environment environment;
  private final int bound;
  private final int maxQueued;
  private final Duration warmUp;
  private final Set<Permit> queue = new LinkedHashSet<>();
  private int running;
  private long coldSinceNanos;
  private boolean warmingUp;
  private boolean timerSet;

  /** Creates permits of which all are free. */
  public Bulkhead(Environment environment, int bound, int maxQueued, Duration warmUp) {
    this.environment = environment;
    this.bound = bound;
    this.maxQueued = maxQueued;
    this.warmUp = warmUp;
    becomeCold();
  }

  /** Begins to warm up, because the store may be empty. */
  public synchronized void becomeCold() {
    warmingUp = !warmUp.isZero();
    coldSinceNanos = environment.nanoTime();
  }

  /** Returns whether a load that came now would be rejected. */
  public synchronized boolean isExhausted() {
    return queue.size() >= maxQueued && running >= limit();
  }

  /**
   * Runs something where loaders belong as soon as it is its turn. The caller itself hands it over,
   * so a caller that blocks its thread needs no other one to go on.
   *
   * @param nested whether another loader waits for it, so that it must not wait for a place
   * @param rejected runs if there is no place even to wait
   * @param refused is told what the executor of loaders threw
   */
  void run(
      Permit turn,
      Caller caller,
      Executor loaders,
      boolean nested,
      Runnable start,
      Runnable rejected,
      Consumer<Throwable> refused) {
    turn.refused = refused;
    Executor on = loaders == caller ? Runnable::run : loaders;
    Runnable whenGranted = () -> caller.execute(() -> execute(on, start, refused));
    Answer answer = nested ? Answer.NOW : turn.ask(whenGranted);
    switch (answer) {
      case NOW -> execute(on, start, refused);
      case NEVER -> rejected.run();
      case LATER -> {}
    }
  }

  private static void execute(Executor loaders, Runnable start, Consumer<Throwable> refused) {
    try {
      loaders.execute(start);
    } catch (Throwable e) {
      refused.accept(e);
    }
  }

  /** What becomes of somebody who asks for a place. */
  public enum Answer {
    NOW,
    LATER,
    NEVER
  }

  /** A place among the running loads: asked for, waited for, held, and given back once. */
  public final class Permit {
    private @Nullable Runnable granted;
    private volatile Consumer<Throwable> refused = thrown -> {};
    private boolean held;
    private boolean over;

    /**
     * Asks for the place, or for one to wait.
     *
     * @param whenGranted runs once there is a place, on any thread, if the answer is {@code LATER};
     *     not after {@link #end}, unless the place was granted just before. Hands over and returns
     */
    public Answer ask(Runnable whenGranted) {
      synchronized (Bulkhead.this) {
        if (over) {
          return Answer.NOW;
        }
        if (queue.isEmpty() && running < limit()) {
          hold();
          return Answer.NOW;
        }
        if (queue.size() >= maxQueued) {
          return Answer.NEVER;
        }
        granted = whenGranted;
        queue.add(this);
      }
      grantWhatIsFree();
      return Answer.LATER;
    }

    private void hold() {
      held = true;
      running++;
    }

    /** Gives the place back, or up; whoever waits has it in the same step. */
    public void end() {
      Permit next;
      synchronized (Bulkhead.this) {
        over = true;
        queue.remove(this);
        if (held) {
          held = false;
          running--;
        }
        next = nextGranted();
      }
      grantFrom(next);
    }
  }

  private void grantWhatIsFree() {
    grantFrom(nextGranted());
  }

  private void grantFrom(@Nullable Permit first) {
    for (Permit next = first; next != null; next = nextGranted()) {
      try {
        Objects.requireNonNull(next.granted).run();
      } catch (Throwable thrown) {
        next.refused.accept(thrown);
      }
    }
  }

  private synchronized @Nullable Permit nextGranted() {
    if (queue.isEmpty()) {
      return null;
    }
    if (running < limit()) {
      Permit next = queue.iterator().next();
      queue.remove(next);
      next.hold();
      return next;
    }
    if (warmingUp && !timerSet) {
      environment.schedule(warmUp.dividedBy(RETRY_PARTS), this::grantAfterPause);
      timerSet = true;
    }
    return null;
  }

  private void grantAfterPause() {
    synchronized (this) {
      timerSet = false;
    }
    grantWhatIsFree();
  }

  private int limit() {
    if (!warmingUp) {
      return bound;
    }
    double warm = (double) (environment.nanoTime() - coldSinceNanos) / warmUp.toNanos();
    warmingUp = warm < 1.0;
    return warmingUp ? Math.max(1, (int) (bound * (0.1 + 0.9 * warm))) : bound;
  }
}
