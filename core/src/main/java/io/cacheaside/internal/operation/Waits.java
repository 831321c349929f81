package io.cacheaside.internal.operation;

import io.cacheaside.Environment;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one reader waits for, one thing after the other; for what others bring no longer than its
 * load timeout, counted from its arrival.
 *
 * <p>The steps of the reader use it, and one timer. {@link #recheck} may run on a thread that
 * waits.
 */
final class Waits {
  private final Operation<?> reader;
  private final Environment environment;
  private final Duration timeout;

  /** What the reader waits for, or waited for last. */
  private volatile @Nullable Wait<?> current;

  private Environment.@Nullable Timer bound;
  private volatile boolean boundReached;

  Waits(Operation<?> reader, Environment environment, Duration timeout) {
    this.reader = reader;
    this.environment = environment;
    this.timeout = timeout;
  }

  /** Waits for what the reader's own load brings. */
  <T extends @Nullable Object> void forOwn(
      CompletableFuture<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    new Wait<>(stage, next, null).begin();
  }

  /**
   * Waits for what others bring.
   *
   * @param otherwise runs when the time for that is over
   */
  <T extends @Nullable Object> void forOthers(
      CompletableFuture<T> stage,
      BiConsumer<@Nullable T, @Nullable Throwable> next,
      Runnable otherwise) {
    setBound();
    new Wait<>(stage, next, otherwise).begin();
  }

  /** Sets the timer of the bound, unless that was done. */
  void setBound() {
    if (bound == null) {
      Duration left = timeout.minus(reader.elapsed());
      Environment.Timer timer =
          environment.schedule(left.isNegative() ? Duration.ZERO : left, this::reachBound);
      bound = timer;
      Stages.whenDone(reader.result, (value, failure) -> timer.cancel());
    }
  }

  /** Returns whether the reader has waited for anything that others bring. */
  boolean haveBegun() {
    return bound != null;
  }

  private void reachBound() {
    boundReached = true;
    Wait<?> wait = current;
    if (wait != null) {
      wait.giveUpSoon();
    }
  }

  /** Returns whether the reader is not to wait for others any more. */
  boolean areOver() {
    return boundReached || reader.isOverdue();
  }

  /** Goes on if that is due, and an {@code Error} has kept another thread from saying so. */
  void recheck() {
    Wait<?> wait = current;
    if (wait != null) {
      wait.recheck();
    }
  }

  /** A wait for one thing. It ends once: with that, or when its time is over. */
  private final class Wait<T extends @Nullable Object> {
    private final CompletableFuture<T> stage;
    private final BiConsumer<@Nullable T, @Nullable Throwable> next;
    private final @Nullable Runnable otherwise;
    private final AtomicBoolean over = new AtomicBoolean();

    Wait(
        CompletableFuture<T> stage,
        BiConsumer<@Nullable T, @Nullable Throwable> next,
        @Nullable Runnable otherwise) {
      this.stage = stage;
      this.next = next;
      this.otherwise = otherwise;
    }

    void begin() {
      current = this;
      reader.then(stage, this::end);
      if (boundReached) {
        giveUpSoon();
      }
    }

    private void end(@Nullable T value, @Nullable Throwable failure) {
      if (!over.getAndSet(true)) {
        next.accept(value, failure);
      }
    }

    /** Lets the reader go on without what it waits for; called by a timer. */
    void giveUpSoon() {
      if (otherwise != null && !over.get()) {
        try {
          reader.caller.execute(this::giveUp);
        } catch (Throwable refused) {
          reader.crash(refused);
        }
      }
    }

    private void giveUp() {
      if (otherwise != null && !over.getAndSet(true)) {
        reader.guarded(otherwise);
      }
    }

    void recheck() {
      if (stage.isDone()) {
        Stages.whenDone(stage, (value, failure) -> reader.guarded(() -> end(value, failure)));
      } else if (areOver()) {
        giveUp();
      }
    }
  }
}
