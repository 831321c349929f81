package io.cacheaside.internal.flow;

import io.cacheaside.Environment;
import io.cacheaside.internal.events.Events;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one way from the engine to its store: failures become {@link StoreException}s, are counted
 * and reported, a store that times out all the time is not asked any more, and the next step of the
 * operation runs where the operation runs.
 */
public final class GuardedStore implements Batch.Sender {
  /**
   * Gives a lease back. A call for many keys sends one such command for each of them at a time, so
   * their timeouts are no reason to leave the store alone.
   */
  public static final String RELEASE = "release";

  private final Store store;
  private final Events<?> events;
  private final CircuitBreaker breaker;
  private final StoreNodes nodes;
  private final Recovery recovery;
  private final Refusals refusals;
  private final Executor executor;
  private volatile boolean failing;
  private volatile boolean lost;

  public GuardedStore(
      Store store,
      Events<?> events,
      Environment environment,
      int breakerTimeouts,
      Duration breakerPause,
      Executor executor,
      Recovery told) {
    this.executor = executor;
    this.store = store;
    this.events = events;
    this.recovery = told;
    this.refusals = new Refusals(environment);
    this.nodes =
        new StoreNodes(
            store, environment, breakerTimeouts, breakerPause, executor, this::nodeRecovered);
    this.breaker =
        new CircuitBreaker(
            environment,
            breakerTimeouts,
            breakerPause,
            () -> issueAlways(Store::ping),
            this::wasOpen);
  }

  /** The ping of the breaker was answered, on a thread of the store. */
  private void wasOpen() {
    lost = true;
    failing = true;
    answered();
  }

  /** Notes on the executor that the store has answered. */
  public void answered() {
    executor.execute(this::succeeded);
  }

  public Store store() {
    return store;
  }

  /** Returns what the store, although it answers, has refused lately; null if nothing. */
  public @Nullable StoreException refusal() {
    return refusals.lately();
  }

  public void close() {
    breaker.close();
    nodes.close();
  }

  /**
   * Runs steps, then sends together the commands that they have collected.
   *
   * @return the batch, which was sent
   */
  public Batch batch(Consumer<Batch> steps) {
    Batch batch = new Batch(this);
    try {
      steps.accept(batch);
    } finally {
      batch.send();
    }
    return batch;
  }

  @Override
  public @Nullable StoreException sendTogether(Runnable commands) {
    boolean[] issued = {false};
    StoreBatch.Once once =
        new StoreBatch.Once(
            () -> {
              commands.run();
              issued[0] = true;
            });
    StoreException failure = null;
    try {
      store.batch(once);
    } catch (Throwable e) {
      StoreException known = asStoreException("batch", e);
      events.storeFailed("batch", known);
      failure = issued[0] ? known : null;
    }
    once.run();
    return failure;
  }

  /** What an operation does with the answer of the store: exactly one of the two is meant. */
  @FunctionalInterface
  public interface Step<T extends @Nullable Object> {
    void next(@Nullable T answer, @Nullable StoreException failure);
  }

  /**
   * Issues a command, with others if there is a batch, and runs a step with its answer.
   *
   * @param lost runs instead, where the answer arrived, if no executor takes the step
   */
  public <T extends @Nullable Object> void call(
      String operation,
      Executor on,
      @Nullable Batch batch,
      Function<Store, CompletionStage<T>> command,
      Step<T> step,
      Runnable lost) {
    Stages.whenDone(
        issue(batch, command),
        on,
        (answer, failure) -> step.next(answer, outcome(operation, failure)),
        refused -> lost.run());
  }

  /** Notes whether the store has answered; returns why not, or null if it has. */
  public @Nullable StoreException outcome(String operation, @Nullable Throwable failure) {
    if (failure != null) {
      return report(operation, failure);
    }
    succeeded();
    if (refusals.endedBy(operation)) {
      events.storeAnswersAgain();
    }
    return null;
  }

  /**
   * Issues a command whose usual answer concerns no code of users: the step then runs on the thread
   * that brings the answer, so it needs no other one. It runs on the executor otherwise.
   *
   * @param usual whether an answer is the usual one
   */
  public <T extends @Nullable Object> void send(
      String operation,
      @Nullable Batch batch,
      Function<Store, CompletionStage<T>> command,
      Predicate<? super T> usual,
      Step<T> step) {
    send(operation, batch, command, usual, step, () -> {});
  }

  /**
   * Issues a command as {@code send} does.
   *
   * @param lost runs instead, where the answer arrived, if no executor takes the step
   */
  public <T extends @Nullable Object> void send(
      String operation,
      @Nullable Batch batch,
      Function<Store, CompletionStage<T>> command,
      Predicate<? super T> usual,
      Step<T> step,
      Runnable lost) {
    CompletionStage<T> stage = issue(batch, command);
    boolean atOnce = Stages.isThere(stage);
    Stages.whenDone(
        stage,
        (answer, failure) -> {
          if (failure == null && (atOnce || usual.test(answer))) {
            noteAnswer();
            step.next(answer, null);
          } else {
            Stages.handOver(
                executor,
                () -> step.next(answer, outcome(operation, failure)),
                refused -> lost.run());
          }
        });
  }

  private void noteAnswer() {
    breaker.succeeded();
    if (failing) {
      answered();
    }
  }

  /** Issues a command together with those of a batch, if there is one. */
  public <T extends @Nullable Object> CompletionStage<T> issue(
      @Nullable Batch batch, Function<Store, CompletionStage<T>> command) {
    return batch == null ? issue(command) : batch.issue(command);
  }

  /** Issues a command unless the breaker is open; the stage may fail with anything. */
  @Override
  public <T extends @Nullable Object> CompletionStage<T> issue(
      Function<Store, CompletionStage<T>> command) {
    return breaker.isOpen()
        ? CompletableFuture.failedFuture(CircuitBreaker.refusal())
        : issue(nodes.forCommands(), command);
  }

  /** Issues a command whatever the breaker says: what must not be left undone. */
  public <T extends @Nullable Object> CompletionStage<T> issueAlways(
      Function<Store, CompletionStage<T>> command) {
    return issue(nodes.forDuties(), command);
  }

  private static <T extends @Nullable Object> CompletionStage<T> issue(
      Store to, Function<Store, CompletionStage<T>> command) {
    try {
      return Objects.requireNonNull(command.apply(to), "the store returned no stage");
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Notes that the store has answered. */
  public void succeeded() {
    breaker.succeeded();
    if (failing) {
      boolean afterLoss = lost;
      failing = false;
      lost = false;
      events.storeAnswersAgain();
      recovery.recovered(afterLoss);
    }
  }

  /** Counts and reports a failure; runs code of users, so not on a thread of the store. */
  public StoreException report(String operation, Throwable failure) {
    StoreException known = asStoreException(operation, failure);
    if (known.reason() == StoreException.Reason.CIRCUIT_OPEN) {
      events.storeNotAsked();
      return known;
    }
    if (known.reason() == StoreException.Reason.REFUSED) {
      refusals.refused(operation, known);
    } else {
      failed(
          known, !(failure instanceof CollectedAnswer.TimedOutToo) && !operation.equals(RELEASE));
    }
    events.storeFailed(operation, known);
    return known;
  }

  private void failed(StoreException failure, boolean counts) {
    String node = failure.node();
    if (node != null) {
      nodes.failed(node, failure, counts);
      return;
    }
    failing = true;
    if (Recovery.isLoss(failure)) {
      lost = true;
    }
    if (counts) {
      breaker.failed(failure);
    }
  }

  private void nodeRecovered(boolean afterLoss) {
    events.storeAnswersAgain();
    recovery.recovered(afterLoss);
  }

  public static StoreException asStoreException(String operation, Throwable failure) {
    Throwable cause = Stages.unwrap(failure);
    return cause instanceof StoreException known
        ? known
        : new StoreException(StoreException.Reason.UNEXPECTED, operation + " failed", cause);
  }
}
