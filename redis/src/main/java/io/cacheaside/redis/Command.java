package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.output.BooleanOutput;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.CompleteableCommand;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command of a store together with the stage its caller waits on, which fails with a {@link
 * StoreException} only.
 *
 * <p>Being the command that Lettuce sends, it knows whether it was written to a connection, and
 * with it whether a failure leaves the outcome open.
 */
class Command<T extends @Nullable Object>
    extends io.lettuce.core.protocol.Command<String, byte[], T> implements CompleteableCommand<T> {
  private static final String READ_ONLY = "READONLY";
  private static final List<String> REDIRECTIONS = List.of("MOVED ", "ASK ");

  private final CompletableFuture<T> stage = new CompletableFuture<>();
  private final Origin origin;
  private volatile boolean written;
  private @Nullable String changes;
  private @Nullable StatefulRedisConnection<String, byte[]> pinnedTo;
  private boolean timed;
  private @Nullable Command<?> older;

  Command(
      Origin origin,
      CommandType type,
      CommandOutput<String, byte[], T> output,
      @Nullable CommandArgs<String, byte[]> args) {
    super(type, output, args);
    this.origin = origin;
  }

  final CompletionStage<T> stage() {
    return stage;
  }

  /** Lets listeners know, before the stage completes, that this may have changed a key. */
  final Command<T> changing(String key) {
    changes = key;
    return this;
  }

  /** Sends this over one connection, whoever the key belongs to by then. */
  final Command<T> pinnedTo(StatefulRedisConnection<String, byte[]> connection) {
    pinnedTo = connection;
    return this;
  }

  final @Nullable StatefulRedisConnection<String, byte[]> pinnedTo() {
    return pinnedTo;
  }

  /** Becomes the head of the chain that {@link CommandDeadlines} ends, in front of another one. */
  final void timedAfter(@Nullable Command<?> next) {
    timed = true;
    older = next;
  }

  /** Returns whether this is ended in time, so that nobody else has to do so. */
  final boolean isTimed() {
    return timed;
  }

  /** Leaves the chain, and returns the next one in it. */
  final @Nullable Command<?> unchained() {
    Command<?> next = older;
    older = null;
    return next;
  }

  /** Returns whether an answer means that nothing has been changed. */
  boolean leftUnchanged(T answer) {
    return getType() == CommandType.EVAL && Boolean.FALSE.equals(answer);
  }

  final void succeed(T value) {
    if (!leftUnchanged(value)) {
      tell();
    }
    stage.complete(value);
  }

  final void fail(StoreException failure) {
    tell();
    stage.completeExceptionally(failure);
  }

  private void tell() {
    if (changes != null) {
      origin.changed(changes);
    }
  }

  final Origin origin() {
    return origin;
  }

  @Override
  public final void encode(ByteBuf target) {
    written = true;
    super.encode(target);
  }

  /** Takes the answer; one that comes after the deadline is dropped. */
  @Override
  public final void complete() {
    super.complete();
    if (stage.isDone()) {
      return;
    }
    String error = getOutput().getError();
    T answer = getOutput().get();
    if (error != null) {
      refused(error);
    } else if (answer == null && isNumber()) {
      failed(new IllegalStateException("no number in the answer"));
    } else {
      succeed(answer);
    }
  }

  private boolean isNumber() {
    return getOutput() instanceof IntegerOutput || getOutput() instanceof BooleanOutput;
  }

  /** Returns whether the server has answered that another one has the key. */
  final boolean isRedirected() {
    String error = isDone() ? getOutput().getError() : null;
    return error != null && REDIRECTIONS.stream().anyMatch(error::startsWith);
  }

  /** Takes the server's error answer. */
  void refused(String error) {
    if (error.startsWith(READ_ONLY)) {
      origin.demoted();
    }
    fail(CommandFailures.refused(getType().toString(), error));
  }

  @Override
  public final boolean completeExceptionally(Throwable cause) {
    boolean first = failed(cause); // before Lettuce notes it where an answer has its error
    super.completeExceptionally(cause);
    return first;
  }

  @Override
  public final void cancel() {
    super.cancel();
    failed(new CancellationException());
  }

  private boolean failed(Throwable cause) {
    if (stage.isDone()) {
      return false;
    }
    tell();
    return stage.completeExceptionally(
        CommandFailures.of(getType().toString(), cause, written, origin.isClosed(), node()));
  }

  private @Nullable String node() {
    CommandArgs<String, byte[]> args = getArgs();
    return args == null ? null : origin.nodeOf(args);
  }

  @Override
  public final void onComplete(Consumer<? super T> action) {
    stage().thenAccept(action);
  }

  @Override
  public final void onComplete(BiConsumer<? super T, Throwable> action) {
    stage().whenComplete(action);
  }
}
