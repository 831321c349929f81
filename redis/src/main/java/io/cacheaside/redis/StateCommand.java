package io.cacheaside.redis;

import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A command that answers with a state; a key of another Redis type has an empty one. A plain read
 * may get its answer from a {@link MultiRead} instead.
 */
final class StateCommand extends Command<byte @Nullable []> {
  private final @Nullable String key;
  private final boolean watched;
  private volatile @Nullable Command<String> caching;

  /** Creates a write that answers with the state that kept it from writing. */
  StateCommand(Origin origin, CommandType type, CommandArgs<String, byte[]> args) {
    this(origin, type, args, new StateOutput(origin, false), null, false);
  }

  private StateCommand(
      Origin origin,
      CommandType type,
      CommandArgs<String, byte[]> args,
      StateOutput output,
      @Nullable String key,
      boolean watched) {
    super(origin, type, output, args);
    this.key = key;
    this.watched = watched;
  }

  /** Returns a read that may be joined with others. For it, an empty state is not there. */
  static StateCommand plainRead(Origin origin, String key) {
    CommandArgs<String, byte[]> args = range(origin, key, Integer.MAX_VALUE);
    return new StateCommand(
        origin, CommandType.GETRANGE, args, new StateOutput(origin, true), key, false);
  }

  /**
   * Returns a read of the first bytes of a state. A key that is not there has none; for a read of
   * the whole state, an empty one is not there.
   */
  static StateCommand head(Origin origin, String key, int maxBytes) {
    StateOutput output = new StateOutput(origin, maxBytes == Integer.MAX_VALUE);
    return new StateCommand(
        origin, CommandType.GETRANGE, range(origin, key, maxBytes), output, null, false);
  }

  /** One byte more than a state may have is enough to know that it is too long. */
  private static CommandArgs<String, byte[]> range(Origin origin, String key, int maxBytes) {
    return new CommandArgs<>(origin.codec())
        .addKey(key)
        .add(0)
        .add(Math.min(origin.maxStateBytes(), maxBytes - 1));
  }

  boolean isPlainRead() {
    return key != null;
  }

  /** Returns the key of a plain read. */
  String key() {
    return Objects.requireNonNull(key);
  }

  /** Returns a read whose key the server is to watch. For it, an empty state is not there. */
  static StateCommand watched(Origin origin, String key) {
    CommandArgs<String, byte[]> args = range(origin, key, Integer.MAX_VALUE);
    return new StateCommand(
        origin, CommandType.GETRANGE, args, new StateOutput(origin, true), null, true);
  }

  boolean isWatched() {
    return watched;
  }

  /** Returns what has to reach the server right before a watched read. */
  Command<String> caching() {
    CommandArgs<String, byte[]> args =
        new CommandArgs<>(origin().codec()).add("CACHING").add("YES");
    Command<String> asked =
        new Command<>(origin(), CommandType.CLIENT, new StatusOutput<>(origin().codec()), args);
    caching = asked;
    return asked;
  }

  /** Returns whether the server, which has answered this read, will tell when its key changes. */
  boolean willBeTold() {
    Command<String> asked = caching;
    return asked != null
        && asked.stage().toCompletableFuture().isDone()
        && !asked.stage().toCompletableFuture().isCompletedExceptionally();
  }

  /** A write of this kind answers with what kept it from writing. */
  @Override
  boolean leftUnchanged(byte @Nullable [] answer) {
    return answer != null;
  }

  @Override
  void refused(String error) {
    if (error.startsWith("WRONGTYPE")) {
      succeed(StateOutput.FOREIGN);
    } else {
      super.refused(error);
    }
  }
}
