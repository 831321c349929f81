package io.cacheaside.simulation.run;

import io.cacheaside.BulkLoadException;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedProcess;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the operations of a run. Actors begin one after the other until there were enough; further
 * ones follow from what happens. The run is over when all have ended (G4).
 */
final class Operations {
  private static final int ACTORS = 5;
  private static final int COUNT = 60;
  private static final int MAX_FURTHER_READS = 150;
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

  private final Scheduler scheduler;
  private final Verdicts verdicts;
  private final Timeline timeline;
  private Runnable actor = () -> {};
  private int begun;
  private int pending;
  private int furtherReads;
  private int ended;

  Operations(Scheduler scheduler, Verdicts verdicts, Timeline timeline) {
    this.scheduler = scheduler;
    this.verdicts = verdicts;
    this.timeline = timeline;
  }

  // ---- Which begin ------------------------------------------------------------------------------

  /**
   * Lets the actors begin.
   *
   * @param actor begins one operation
   */
  void begin(Runnable actor) {
    this.actor = actor;
    for (int i = 0; i < ACTORS; i++) {
      next();
    }
  }

  private void next() {
    if (begun++ < COUNT) {
      within(LONGEST_PAUSE, actor);
    }
  }

  /** Lets one more operation begin within a while. */
  void within(Duration delay, Runnable operation) {
    pending++;
    scheduler.after("world", scheduler.upTo(delay), operation);
  }

  /** Lets one more read begin, unless there were so many of these that it leads nowhere. */
  void furtherWithin(Duration delay, Runnable read) {
    if (furtherReads++ < MAX_FURTHER_READS) {
      within(delay, read);
    }
  }

  /** Begins one more operation now. */
  void now(Runnable operation) {
    pending++;
    operation.run();
  }

  // ---- Which end --------------------------------------------------------------------------------

  /** Waits for the end of an operation, and lets a verdict on it be spoken then. */
  <T> void track(
      SimulatedProcess process,
      String what,
      CompletionStage<T> stage,
      BiConsumer<? super @Nullable T, @Nullable Throwable> verdict) {
    timeline.note("> " + what);
    if (!process.begin()) {
      end();
      return;
    }
    stage.whenComplete(
        (value, failure) -> {
          if (!process.end()) {
            return;
          }
          Throwable cause = failure == null ? null : unwrap(failure);
          timeline.note("< " + what + " = " + (cause == null ? value : cause));
          if (!process.isClosed() || !isRefusal(cause)) {
            verdicts.checkInside(() -> verdict.accept(value, cause));
          }
          verdicts.checkInside(verdicts::checkNeighbours);
          end();
        });
  }

  /** Counts operations of a killed process as ended. */
  void lost(int count) {
    for (int i = 0; i < count; i++) {
      end();
    }
  }

  private void end() {
    pending--;
    ended++;
    if (pending < ACTORS) {
      next();
    }
  }

  /** Returns whether an operation failed because its cache is closed. */
  private static boolean isRefusal(@Nullable Throwable failure) {
    Throwable reason =
        failure instanceof BulkLoadException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return reason instanceof IllegalStateException;
  }

  private static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  // ---- How many ---------------------------------------------------------------------------------

  boolean areOver() {
    return begun >= COUNT && pending <= 0;
  }

  int pending() {
    return pending;
  }

  int ended() {
    return ended;
  }
}
