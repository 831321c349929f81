package io.cacheaside.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One payload that is being decompressed, and its part of the memory that all of them may take.
 * Owned by the thread that decodes.
 */
final class Unpacking {
  private static final int FREE_BYTES = 64 << 10;
  private static final long LIMIT = Runtime.getRuntime().maxMemory() / 8;
  private static final AtomicLong TAKEN = new AtomicLong();

  private long taken;

  /**
   * Returns what a stream has, up to some bytes, and takes memory for it step by step.
   *
   * @throws CodecOverloadedException if other payloads take so much that this one has to give up
   */
  byte[] read(InputStream in, int maxBytes) throws IOException {
    byte[] bytes = in.readNBytes(Math.min(FREE_BYTES, maxBytes));
    int size = bytes.length;
    if (size < FREE_BYTES) {
      return bytes;
    }
    while (size < maxBytes) {
      int wanted = (int) Math.min(2L * size, maxBytes);
      take(wanted - size);
      bytes = Arrays.copyOf(bytes, wanted);
      size += in.readNBytes(bytes, size, wanted - size);
      if (size < wanted) {
        return Arrays.copyOf(bytes, size);
      }
    }
    return bytes;
  }

  private void take(long bytes) {
    long all = TAKEN.addAndGet(bytes);
    taken += bytes;
    if (all > LIMIT && all > taken) {
      throw new CodecOverloadedException(
          "The payload is not decompressed: all that are being decompressed would take more than"
              + " %,d bytes".formatted(LIMIT));
    }
  }

  /** Gives back what was taken. */
  void end() {
    if (taken > 0) {
      TAKEN.addAndGet(-taken);
    }
  }
}
