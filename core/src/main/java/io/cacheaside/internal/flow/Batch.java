package io.cacheaside.internal.flow;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The commands of several keys, which one thread collects and then sends together.
 *
 * <p>The steps that ask for these commands run code of users: codecs, listeners, fallbacks. Such
 * code may use a cache on the same store and wait for its answer. So no step runs inside {@link
 * Store#batch}; the steps run first, and only their commands are issued in there. An operation that
 * a user begins in between has another {@link Caller}, and its commands are sent at once.
 */
public final class Batch {
  private final Sender sender;
  private final Thread thread = Thread.currentThread();
  private final List<Command<?>> commands = new ArrayList<>();
  private final AtomicBoolean hasTimedOut = new AtomicBoolean();
  private boolean sent;

  /** Sends commands. */
  interface Sender {
    /** Issues a command; the stage may fail with anything. */
    <T extends @Nullable Object> CompletionStage<T> issue(
        Function<Store, CompletionStage<T>> command);

    /**
     * Lets the store send commands together; all of them are issued, whatever it does.
     *
     * @return what the store failed with after that, so that answers may never come; null if it did
     *     not
     */
    @Nullable StoreException sendTogether(Runnable commands);
  }

  Batch(Sender sender) {
    this.sender = sender;
  }

  private final class Command<T extends @Nullable Object> {
    private final Function<Store, CompletionStage<T>> command;
    private final CollectedAnswer<T> answer = new CollectedAnswer<>();
    private @Nullable CompletionStage<T> issued;

    Command(Function<Store, CompletionStage<T>> command) {
      this.command = command;
    }

    void issue() {
      issued = sender.issue(command);
    }

    void passAnswer() {
      if (issued != null) {
        answer.arrivesAtOnce(Stages.isThere(issued));
        Stages.whenDone(issued, this::answered);
      }
    }

    private void answered(@Nullable T value, @Nullable Throwable failure) {
      if (failure == null) {
        answer.complete(value);
      } else {
        fail(failure);
      }
    }

    void fail(Throwable failure) {
      boolean again = CircuitBreaker.isTimeout(failure) && hasTimedOut.getAndSet(true);
      answer.completeExceptionally(again ? new CollectedAnswer.TimedOutToo(failure) : failure);
    }
  }

  /** Collects a command; issues it at once if the batch was sent or belongs to another thread. */
  <T extends @Nullable Object> CompletionStage<T> issue(
      Function<Store, CompletionStage<T>> command) {
    if (Thread.currentThread() != thread || sent) {
      return sender.issue(command);
    }
    Command<T> collected = new Command<>(command);
    commands.add(collected);
    return collected.answer;
  }

  /** Sends what was collected. Answers that are there at once are passed on after that. */
  void send() {
    sent = true;
    if (commands.isEmpty()) {
      return;
    }
    StoreException failure = sender.sendTogether(() -> commands.forEach(Command::issue));
    commands.forEach(Command::passAnswer);
    if (failure != null) {
      commands.forEach(command -> command.fail(failure));
    }
  }

  /** Completes when all commands that were sent are answered; fails if one did. */
  public CompletableFuture<?> answers() {
    return CompletableFuture.allOf(
        commands.stream().map(command -> command.answer).toArray(CompletableFuture[]::new));
  }
}
