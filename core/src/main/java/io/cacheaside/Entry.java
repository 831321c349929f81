package io.cacheaside;

import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a key holds, as the engine sees it, and its form in bytes.
 *
 * <p>Format 1, big-endian, a header of 40 bytes and then the payload of a value:
 *
 * <pre>
 *  0  magic 0xCA 0xCE
 *  2  format (1)
 *  3  kind: 1 lease, 2 value, 3 absent in the source
 *  4  id, 16 bytes        bytes 0 to 19 are the stamp that conditional operations compare
 * 20  schema version of the payload
 * 24  time to live in milliseconds, 6 bytes
 * 30  renewals of a lease, modulo 65,536
 * 32  CRC32C of the payload
 * 36  CRC32C of bytes 0 to 35, exclusive-or both halves of the hash of the key
 * </pre>
 *
 * <p>Bytes 0 to 19 stay as they are in every later format. See docs/design/wire-format.md.
 */
final class Entry {
  static final int HEADER_BYTES = 40;
  static final int STAMP_BYTES = 20;
  private static final short MAGIC = (short) 0xCACE;
  private static final byte FORMAT = 1;
  private static final int CHECK_OFFSET = 36;

  /** What the engine does with it. */
  enum Kind {
    /** There is nothing. */
    NONE,
    /** Bytes that are no entry of this cache and key; has no id. */
    FOREIGN,
    /** An entry of a later format or schema version: not ours to read or replace. */
    NEWER,
    /** An entry of an earlier schema version, to be replaced by its id. */
    OUTDATED,
    LEASE,
    VALUE,
    ABSENT
  }

  private static final Entry NONE = new Entry(Kind.NONE, new byte[0]);

  private final Kind kind;
  private final byte[] state;

  private Entry(Kind kind, byte[] state) {
    this.kind = kind;
    this.state = state;
  }

  /**
   * Reads a state, or the first {@link #HEADER_BYTES} of one. Never fails: see {@link
   * Kind#FOREIGN}.
   */
  static Entry parse(EntryKey<?> key, byte @Nullable [] state, int schemaVersion) {
    return state == null ? NONE : new Entry(kindOf(key, state, schemaVersion), state);
  }

  private static Kind kindOf(EntryKey<?> key, byte[] state, int schemaVersion) {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    if (state.length < STAMP_BYTES || bytes.getShort(0) != MAGIC) {
      return Kind.FOREIGN;
    }
    if ((bytes.get(2) & 0xFF) > FORMAT) {
      return Kind.NEWER;
    }
    if (state.length < HEADER_BYTES || bytes.getInt(CHECK_OFFSET) != check(key, state)) {
      return Kind.FOREIGN;
    }
    int schema = bytes.getInt(20);
    if (schema != schemaVersion) {
      return schema > schemaVersion ? Kind.NEWER : Kind.OUTDATED;
    }
    return kindOf(bytes.get(3));
  }

  private static Kind kindOf(byte code) {
    return switch (code) {
      case 1 -> Kind.LEASE;
      case 2 -> Kind.VALUE;
      case 3 -> Kind.ABSENT;
      default -> Kind.FOREIGN;
    };
  }

  static byte[] lease(EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl, int renewals) {
    return header(key, (byte) 1, id, schemaVersion, ttl, renewals, new byte[0]);
  }

  static byte[] value(
      EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl, byte[] payload) {
    return header(key, (byte) 2, id, schemaVersion, ttl, 0, payload);
  }

  static byte[] absent(EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl) {
    return header(key, (byte) 3, id, schemaVersion, ttl, 0, new byte[0]);
  }

  private static byte[] header(
      EntryKey<?> key,
      byte kind,
      EntryId id,
      int schemaVersion,
      Duration ttl,
      int renewals,
      byte[] payload) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    bytes.putShort(MAGIC).put(FORMAT).put(kind).putLong(id.high()).putLong(id.low());
    bytes.putInt(schemaVersion);
    putTtl(bytes, ttl);
    bytes.putShort(30, (short) renewals);
    bytes.putInt(32, crc(payload, 0, payload.length));
    bytes.position(HEADER_BYTES).put(payload);
    return sealed(key, bytes.array());
  }

  private static void putTtl(ByteBuffer bytes, Duration ttl) {
    long millis = ttl.toMillis();
    bytes.putShort(24, (short) (millis >>> 32)).putInt(26, (int) millis);
  }

  private static byte[] sealed(EntryKey<?> key, byte[] state) {
    ByteBuffer.wrap(state).putInt(CHECK_OFFSET, check(key, state));
    return state;
  }

  private static int check(EntryKey<?> key, byte[] state) {
    return crc(state, 0, CHECK_OFFSET) ^ (int) (key.hash() ^ key.hash() >>> 32);
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  Kind kind() {
    return kind;
  }

  boolean is(Kind other) {
    return kind == other;
  }

  EntryId id() {
    return EntryId.at(ByteBuffer.wrap(state), 4);
  }

  /** Returns the bytes by which a conditional operation recognises exactly this entry. */
  byte[] stamp() {
    return Arrays.copyOf(state, STAMP_BYTES);
  }

  Duration ttl() {
    ByteBuffer bytes = ByteBuffer.wrap(state);
    return Duration.ofMillis(
        (bytes.getShort(24) & 0xFFFFL) << 32 | (bytes.getInt(26) & 0xFFFFFFFFL));
  }

  int renewals() {
    return ByteBuffer.wrap(state).getShort(30) & 0xFFFF;
  }

  byte[] head() {
    return Arrays.copyOf(state, HEADER_BYTES);
  }

  /** Returns the header of the same payload with another time to live, under a new id. */
  byte[] headWithTtl(EntryKey<?> key, EntryId newId, Duration ttl) {
    byte[] head = head();
    ByteBuffer.wrap(head).putLong(4, newId.high()).putLong(12, newId.low());
    putTtl(ByteBuffer.wrap(head), ttl);
    return sealed(key, head);
  }

  int payloadBytes() {
    return state.length - HEADER_BYTES;
  }

  /** Returns the payload of a value that was read whole. */
  ByteBuffer payload() {
    if (ByteBuffer.wrap(state).getInt(32) != crc(state, HEADER_BYTES, payloadBytes())) {
      throw new CodecException("The payload does not match its checksum");
    }
    return ByteBuffer.wrap(state, HEADER_BYTES, payloadBytes());
  }
}
