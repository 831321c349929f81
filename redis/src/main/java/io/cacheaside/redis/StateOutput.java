package io.cacheaside.redis;

import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the state of a key from a reply. One that is longer than states may be is not copied, and
 * is empty, like that of a key of another type.
 */
final class StateOutput extends CommandOutput<String, byte[], byte @Nullable []> {
  static final byte[] FOREIGN = {};

  private final int maxBytes;
  private final boolean emptyIsNothing;

  /**
   * Creates an output without a state.
   *
   * @param emptyIsNothing whether the command answers with no bytes for a key that is not there
   */
  StateOutput(Origin origin, boolean emptyIsNothing) {
    super(origin.codec(), null);
    this.maxBytes = origin.maxStateBytes();
    this.emptyIsNothing = emptyIsNothing;
  }

  @Override
  public void set(@Nullable ByteBuffer bytes) {
    if (bytes == null || (emptyIsNothing && !bytes.hasRemaining())) {
      output = null;
    } else {
      output = bytes.remaining() > maxBytes ? FOREIGN : codec.decodeValue(bytes);
    }
  }
}
