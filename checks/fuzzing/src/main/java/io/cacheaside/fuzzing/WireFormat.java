package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A second reader of stored states, made from the page about the wire format alone; what the engine
 * reads is held against it.
 */
@SuppressWarnings("ArrayRecordComponent")
record WireFormat(Kind kind, byte[] state) {
  static final int HEADER_BYTES = 48;
  private static final int STAMP_BYTES = 20;
  private static final long LONG_LEASE_MILLIS = 5_000;
  private static final int ID_BYTES = 16;
  private static final int BODY_CHECK = 40;
  private static final int CHECK = 44;

  /** What a state is, the kinds of entries in the order of their codes. */
  enum Kind {
    FOREIGN,
    LEASE,
    VALUE,
    ABSENT,
    BARRIER,
    FAILURE,
    PASS,
    TAG,
    NEWER,
    OUTDATED
  }

  /** The ids of the tags of an entry, each as text. */
  record Tags(List<String> declared, @Nullable String any, Map<String, String> named) {}

  /**
   * Reads a state.
   *
   * @param hash of its key, {@link #hash}
   */
  static WireFormat read(long hash, byte[] state, int schemaVersion) {
    return new WireFormat(kind(hash, state, schemaVersion), state);
  }

  private static Kind kind(long hash, byte[] state, int schemaVersion) {
    if (state.length < STAMP_BYTES || (state[0] & 0xFF) != 0xCA || (state[1] & 0xFF) != 0xCE) {
      return Kind.FOREIGN;
    }
    int format = state[2] & 0xFF;
    if (format != 2) {
      return format > 2 ? Kind.NEWER : Kind.OUTDATED;
    }
    if (state.length < HEADER_BYTES || number(state, CHECK, 4) != check(hash, state)) {
      return Kind.FOREIGN;
    }
    int code = state[3];
    Kind kind = code >= 1 && code <= 7 ? Kind.values()[code] : Kind.FOREIGN;
    int schema = (int) number(state, 20, 4);
    boolean anySchema = kind == Kind.FOREIGN || kind == Kind.BARRIER || kind == Kind.TAG;
    if (anySchema || schema == schemaVersion) {
      return kind;
    }
    return schema > schemaVersion ? Kind.NEWER : Kind.OUTDATED;
  }

  /** Makes the checks right of whatever is large enough for a header. */
  static void seal(long hash, byte[] state, boolean header, boolean body) {
    if (state.length < HEADER_BYTES) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(state);
    if (body) {
      bytes.putInt(BODY_CHECK, (int) crc(state, HEADER_BYTES, state.length));
    }
    if (header) {
      bytes.putInt(CHECK, (int) check(hash, state));
    }
  }

  /** Returns FNV-1a of a key without the prefix of the store. */
  static long hash(String key) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : key.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
    }
    return hash;
  }

  private static long check(long hash, byte[] state) {
    long crc = crc(state, 0, CHECK);
    return (crc ^ (hash >>> 32) ^ hash) & 0xFFFFFFFFL;
  }

  private static long crc(byte[] bytes, int from, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, end - from);
    return crc.getValue();
  }

  private static long number(byte[] bytes, int from, int length) {
    long number = 0;
    for (int i = from; i < from + length; i++) {
      number = (number << 8) | (bytes[i] & 0xFF);
    }
    return number;
  }

  private static String hex(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(bytes, from, from + length);
  }

  boolean is(Kind other) {
    return kind == other;
  }

  String id() {
    return hex(state, 4, ID_BYTES);
  }

  int schemaVersion() {
    return (int) number(state, 20, 4);
  }

  long ttlMillis() {
    return number(state, 24, 6);
  }

  int counter() {
    return (int) number(state, 30, 2);
  }

  long freshMillis() {
    return number(state, 32, 6);
  }

  private int tagBytes() {
    return (int) number(state, 38, 2);
  }

  /** Returns whether this is a lease of no time, which nobody writes and nobody can wait for. */
  boolean isTimelessLease() {
    return is(Kind.LEASE) && ttlMillis() == 0;
  }

  /** Returns whether this is a lease whose owner is not held to be dead before loads time out. */
  boolean isLongLease() {
    return is(Kind.LEASE) && ttlMillis() >= LONG_LEASE_MILLIS;
  }

  boolean hasNoTags() {
    return tagBytes() == 0;
  }

  /** Returns the ids of the tags; null if there is something else. */
  @Nullable Tags tags() {
    int end = HEADER_BYTES + tagBytes();
    return end > state.length ? null : tags(Arrays.copyOfRange(state, HEADER_BYTES, end));
  }

  private static @Nullable Tags tags(byte[] bytes) {
    List<String> declared = new ArrayList<>();
    Map<String, String> named = new TreeMap<>();
    if (bytes.length == 0) {
      return new Tags(declared, null, named);
    }
    int at = 1;
    int count = bytes[0] & 0xFF;
    if (bytes.length < at + count * ID_BYTES + 1) {
      return null;
    }
    for (; count > 0; count--, at += ID_BYTES) {
      declared.add(hex(bytes, at, ID_BYTES));
    }
    String any = null;
    if (bytes[at++] != 0) {
      if (bytes.length < at + ID_BYTES) {
        return null;
      }
      any = hex(bytes, at, ID_BYTES);
      at += ID_BYTES;
    }
    while (at < bytes.length) {
      int name = at + 2;
      int id = bytes.length < name ? name : name + (int) number(bytes, at, 2);
      if (bytes.length < id + ID_BYTES) {
        return null;
      }
      named.put(new String(bytes, name, id - name, UTF_8), hex(bytes, id, ID_BYTES));
      at = id + ID_BYTES;
    }
    return new Tags(declared, any, named);
  }

  /** Returns the payload; null if it is damaged. */
  byte @Nullable [] payload() {
    int from = HEADER_BYTES + tagBytes();
    boolean exact =
        from <= state.length
            && number(state, BODY_CHECK, 4) == crc(state, HEADER_BYTES, state.length);
    return exact ? Arrays.copyOfRange(state, from, state.length) : null;
  }
}
