package io.cacheaside.internal.flow;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Works through a list chunk by chunk, however the work on one of them ends. A chunk begins as a
 * task of its own, when the one before it has ended: the stack does not grow with the list, and
 * other tasks of the executor come in between.
 */
public final class Chunks<T> {
  /** How many keys are sent to the store together: what it surely answers within its deadline. */
  public static final int SIZE = 500;

  private final List<T> all;
  private final int size;
  private final Executor on;
  private final BooleanSupplier goesOn;
  private final Function<List<T>, CompletionStage<?>> work;
  private final Consumer<@Nullable Throwable> done;
  private int next;
  private @Nullable Throwable firstFailure;

  private Chunks(
      List<T> all,
      int size,
      Executor on,
      BooleanSupplier goesOn,
      Function<List<T>, CompletionStage<?>> work,
      Consumer<@Nullable Throwable> done) {
    this.all = all;
    this.size = size;
    this.on = on;
    this.goesOn = goesOn;
    this.work = work;
    this.done = done;
  }

  /**
   * Begins the first chunk on this thread.
   *
   * @param on runs one task at a time, and none inside of another
   * @param goesOn is asked before each chunk but the first; if it says no, nothing follows
   * @param work begins the work on a chunk; the stage is its end
   * @param done gets the first failure, or null, when all have ended
   */
  public static <T> void each(
      List<T> all,
      int size,
      Executor on,
      BooleanSupplier goesOn,
      Function<List<T>, CompletionStage<?>> work,
      Consumer<@Nullable Throwable> done) {
    new Chunks<>(all, size, on, goesOn, work, done).goOn();
  }

  private void goOn() {
    if (next > 0 && !goesOn.getAsBoolean()) {
      return;
    }
    if (next >= all.size()) {
      done.accept(firstFailure);
      return;
    }
    List<T> chunk = all.subList(next, Math.min(next + size, all.size()));
    next += chunk.size();
    Stages.whenDone(work.apply(chunk), (end, failure) -> ended(failure));
  }

  private void ended(@Nullable Throwable failure) {
    if (firstFailure == null && failure != null) {
      firstFailure = Stages.unwrap(failure);
    }
    on.execute(this::goOn);
  }
}
