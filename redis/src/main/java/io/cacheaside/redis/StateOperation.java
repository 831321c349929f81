package io.cacheaside.redis;

import io.lettuce.core.output.ByteArrayOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A command that answers with a state; a key of another Redis type has an empty one. A plain read
 * may get its answer from a {@link MultiRead} instead.
 */
final class StateOperation extends Operation<byte @Nullable []> {
  private static final byte[] FOREIGN = {};

  private final @Nullable String key;
  private final boolean watched;
  private volatile @Nullable Operation<String> caching;

  StateOperation(Link link, CommandType type, CommandArgs<String, byte[]> args) {
    this(link, type, args, null, false);
  }

  private StateOperation(
      Link link,
      CommandType type,
      CommandArgs<String, byte[]> args,
      @Nullable String key,
      boolean watched) {
    super(link, type, new ByteArrayOutput<>(link.codec()), args);
    this.key = key;
    this.watched = watched;
  }

  /** Returns a read that may be joined with others. */
  static StateOperation plainRead(Link link, String key) {
    CommandArgs<String, byte[]> args = new CommandArgs<>(link.codec()).addKey(key);
    return new StateOperation(link, CommandType.GET, args, key, false);
  }

  boolean isPlainRead() {
    return key != null;
  }

  /** Returns the key of a plain read. */
  String key() {
    return Objects.requireNonNull(key);
  }

  /** Returns a read whose key the server is to watch. */
  static StateOperation watched(Link link, CommandArgs<String, byte[]> args) {
    return new StateOperation(link, CommandType.GET, args, null, true);
  }

  boolean isWatched() {
    return watched;
  }

  /** Returns what has to reach the server right before a watched read. */
  Operation<String> caching() {
    CommandArgs<String, byte[]> args = new CommandArgs<>(link().codec()).add("CACHING").add("YES");
    Operation<String> asked =
        new Operation<>(link(), CommandType.CLIENT, new StatusOutput<>(link().codec()), args);
    caching = asked;
    return asked;
  }

  /** Returns whether the server, which has answered this read, will tell when its key changes. */
  boolean willBeTold() {
    Operation<String> asked = caching;
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
      succeed(FOREIGN);
    } else {
      super.refused(error);
    }
  }
}
