package io.cacheaside.redis;

import io.lettuce.core.output.ByteArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

/** A command that answers with a state; a key of another Redis type has an empty one. */
final class StateOperation extends Operation<byte @Nullable []> {
  private static final byte[] FOREIGN = {};

  StateOperation(Link link, CommandType type, CommandArgs<String, byte[]> args) {
    super(link, type, new ByteArrayOutput<>(link.codec()), args);
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
