package io.cacheaside.redis;

import io.lettuce.core.output.VoidOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A command that is sent to see whether a node executes it. Only an error answer counts. */
final class ProbeCommand extends Command<@Nullable Void> {
  private volatile @Nullable String error;

  ProbeCommand(Origin origin, CommandType type, @Nullable CommandArgs<String, byte[]> args) {
    super(origin, type, new VoidOutput<>(origin.codec()), args);
  }

  /** Returns the ACL rule that permits this command. */
  String rule() {
    return "+" + getType().toString().toLowerCase(Locale.ROOT);
  }

  /** Returns the error that the node has answered with; null if it has executed the command. */
  @Nullable String error() {
    return error;
  }

  /** Returns whether the node has answered. */
  boolean isAnswered() {
    return error != null || !stage().toCompletableFuture().isCompletedExceptionally();
  }

  /** Unlike a write, does not make the store leave a node that is a replica. */
  @Override
  void refused(String answer) {
    error = answer;
    fail(CommandFailures.refused(getType().toString(), answer));
  }
}
