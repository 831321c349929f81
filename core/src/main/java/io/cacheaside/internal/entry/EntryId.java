package io.cacheaside.internal.entry;

import io.cacheaside.Environment;
import java.nio.ByteBuffer;

/** 128 bits that no two states of any key in any store ever share. */
public record EntryId(long high, long low) {
  static final int BYTES = 16;

  public static EntryId next(Environment environment) {
    byte[] bytes = new byte[BYTES];
    environment.uniqueBytes(bytes);
    return at(ByteBuffer.wrap(bytes), 0);
  }

  static EntryId at(ByteBuffer bytes, int index) {
    return new EntryId(bytes.getLong(index), bytes.getLong(index + 8));
  }
}
