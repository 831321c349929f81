package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.Arrays;
import org.msgpack.core.MessageFormatException;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;

/**
 * Walks over a payload without creating anything from it and fails unless it is exactly one value:
 * nothing missing, nothing after it, no length beyond the end, not too deeply nested.
 *
 * <p>The parser of the format takes memory by the lengths it reads, and has no limit of depth.
 */
record PayloadCheck(int maxDepth) {
  private static final int USUAL_DEPTH = 8;

  void accept(byte[] bytes, int offset, int length) throws IOException {
    try (MessageUnpacker in = MessagePack.newDefaultUnpacker(bytes, offset, length)) {
      walk(in);
      if (in.hasNext()) {
        throw new MessageFormatException("There are bytes after the value");
      }
    }
  }

  private void walk(MessageUnpacker in) throws IOException {
    long[] missing = new long[USUAL_DEPTH];
    int depth = 0;
    missing[0] = 1;
    while (depth >= 0) {
      if (missing[depth] == 0) {
        depth--;
        continue;
      }
      missing[depth]--;
      long children = enter(in);
      if (children > 0) {
        depth = deeper(depth);
        missing = depth < missing.length ? missing : Arrays.copyOf(missing, 2 * depth);
        missing[depth] = children;
      }
    }
  }

  private int deeper(int depth) throws StreamConstraintsException {
    if (depth == maxDepth) {
      throw new StreamConstraintsException("Nested more than " + maxDepth + " deep");
    }
    return depth + 1;
  }

  /** Moves past a scalar, or past the header of a container, and returns how many values it has. */
  private static long enter(MessageUnpacker in) throws IOException {
    return switch (in.getNextFormat().getValueType()) {
      case ARRAY -> in.unpackArrayHeader();
      case MAP -> 2L * in.unpackMapHeader();
      default -> {
        in.skipValue();
        yield 0;
      }
    };
  }
}
