package io.cacheaside.verification.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The truth: of each key the number of its last committed version. It is a file that all processes
 * map, so a commit is one atomic instruction, which every process sees and no end of one undoes.
 */
final class VersionedSource {
  static final int KEYS = 4;
  static final long DAMAGED = -1;

  private static final int BYTES_PER_KEY = 64;
  private static final int ABSENT_EVERY = 8;
  private static final int ABSENT_AT = 5;
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer versions;

  private VersionedSource(ByteBuffer versions) {
    this.versions = versions;
  }

  static VersionedSource in(Path folder) {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("source"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return new VersionedSource(file.map(MapMode.READ_WRITE, 0, (long) KEYS * BYTES_PER_KEY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Integer> keys() {
    return IntStream.range(0, KEYS).boxed().toList();
  }

  static String nameOf(int key) {
    return "k" + key;
  }

  static int keyOf(String name) {
    return Integer.parseInt(name.substring(1));
  }

  /** Commits the next version of a key and returns it. */
  long commit(int key) {
    return (long) LONGS.getAndAdd(versions, key * BYTES_PER_KEY, 1L) + 1;
  }

  /** Returns the last committed version of a key. */
  long version(int key) {
    return (long) LONGS.getVolatile(versions, key * BYTES_PER_KEY);
  }

  /** Whether the source has nothing under any key in this version. */
  static boolean isAbsent(long version) {
    return version % ABSENT_EVERY == ABSENT_AT;
  }

  /** Whether the source had nothing in one of these versions. */
  static boolean isAbsentWithin(long first, long last) {
    for (long version = first; version <= Math.min(last, first + ABSENT_EVERY); version++) {
      if (isAbsent(version)) {
        return true;
      }
    }
    return false;
  }

  static @Nullable String valueOf(int key, long version) {
    return isAbsent(version) ? null : text(key, version);
  }

  private static String text(int key, long version) {
    String filler = Long.toHexString((version + 1) * 0x9e3779b97f4a7c15L + key);
    return nameOf(key) + ":" + version + ":" + filler.repeat(4);
  }

  /** Returns the version that a value has, or {@link #DAMAGED} if it was never one of that key. */
  static long versionOf(int key, String value) {
    String[] parts = value.split(":", 3);
    try {
      long version = Long.parseLong(parts[parts.length > 1 ? 1 : 0]);
      return value.equals(valueOf(key, version)) ? version : DAMAGED;
    } catch (NumberFormatException e) {
      return DAMAGED;
    }
  }
}
