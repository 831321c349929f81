package io.cacheaside.internal.entry;

import io.cacheaside.codec.CodecException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a key holds, as the engine sees it, and its form in bytes.
 *
 * <p>Format 2, big-endian, a header of 48 bytes and then a body:
 *
 * <pre>
 *  0  magic 0xCA 0xCE
 *  2  format (2)
 *  3  kind: see Kind
 *  4  id, 16 bytes        bytes 0 to 19 are the stamp that conditional operations compare
 * 20  schema version of the payload
 * 24  time to live in milliseconds, 6 bytes
 * 30  of a lease: renewals, modulo 65,536; of a failure: failed loads in a row; of a value: how
 *     long its load took, in ms, saturating at 32,767, zero if it was not loaded, plus 32,768 if it
 *     was marked stale
 * 32  of a value or absence: how long it is fresh, in ms; of a failure: how long it holds loads
 *     back, in ms; of a lease: failed loads in a row before it; 6 bytes
 * 38  length of the ids of its tags
 * 40  CRC32C of the body
 * 44  CRC32C of bytes 0 to 43, exclusive-or both halves of the hash of the key
 * 48  the ids of its tags, then the payload
 * </pre>
 *
 * <p>Bytes 0 to 19 stay as they are in every later format. See docs/design/wire-format.md.
 */
public final class Entry {
  public static final int HEADER_BYTES = 48;
  public static final int STAMP_BYTES = 20;

  /** The length of the ids of tags is two bytes. */
  static final int MAX_BYTES_BEFORE_PAYLOAD = HEADER_BYTES + 0xFFFF;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final short MAGIC = (short) 0xCACE;
  private static final byte FORMAT = 2;
  private static final int CHECK_OFFSET = 44;
  private static final int MAX_LOAD_MILLIS = 0x7FFF;
  private static final int MARKED_STALE = 0x8000;
  private static final int MAX_COUNTED_FAILURES = 0xFFFF;
  private static final int MAX_CLASS_NAME_BYTES = 255;
  private static final byte[] NOTHING = new byte[0];

  /** Byte 3 of a value with several payloads, each behind its length in four bytes. */
  private static final byte SEVERAL = 8;

  /** As many versions of a program as run at the same time, and one to spare. */
  private static final int MAX_PAYLOADS = 4;

  /** What the engine does with it. */
  public enum Kind {
    /** There is nothing. */
    NONE(0),
    /** Bytes that are no entry of this cache and key; has no id. */
    FOREIGN(0),
    /** An entry of a later format or schema version: not ours to read or replace. */
    NEWER(0),
    /** An entry of an earlier format or schema version, to be replaced by its id. */
    OUTDATED(0),
    /** Somebody loads the key. */
    LEASE(1),
    /** What the source had. */
    VALUE(2),
    /** The source had nothing. */
    ABSENT(3),
    /** What is loaded is not to be stored: a hold-off or the fence of a write. */
    BARRIER(4),
    /** The load under a lease failed. */
    FAILURE(5),
    /** What was loaded was not to be stored: nobody needs to wait for the load of another. */
    PASS(6),
    /** The id of a tag or of a generation. */
    TAG(7);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      return switch (code) {
        case 1 -> LEASE;
        case 2, SEVERAL -> VALUE;
        case 3 -> ABSENT;
        case 4 -> BARRIER;
        case 5 -> FAILURE;
        case 6 -> PASS;
        case 7 -> TAG;
        default -> FOREIGN;
      };
    }

    private boolean hasSchema() {
      return this != BARRIER && this != TAG && this != FOREIGN;
    }
  }

  private static final Entry NONE = new Entry(Kind.NONE, NOTHING);

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
  public static Entry parse(EntryKey<?> key, byte @Nullable [] state, int schemaVersion) {
    return state == null ? NONE : new Entry(kindOf(key, state, schemaVersion), state);
  }

  private static Kind kindOf(EntryKey<?> key, byte[] state, int schemaVersion) {
    if (state.length < STAMP_BYTES || (short) twoBytes(state, 0) != MAGIC) {
      return Kind.FOREIGN;
    }
    int format = state[2] & 0xFF;
    if (format != FORMAT) {
      return format > FORMAT ? Kind.NEWER : Kind.OUTDATED;
    }
    if (state.length < HEADER_BYTES || fourBytes(state, CHECK_OFFSET) != check(key, state)) {
      return Kind.FOREIGN;
    }
    Kind kind = Kind.of(state[3]);
    int schema = fourBytes(state, 20);
    if (kind.hasSchema() && schema != schemaVersion) {
      return schema > schemaVersion ? Kind.NEWER : Kind.OUTDATED;
    }
    return kind;
  }

  // ---- Writing --------------------------------------------------------------------------------

  /**
   * The parts of a state that is to be written.
   *
   * @param counter bytes 30 and 31
   * @param span bytes 32 to 37
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Draft(
      Kind kind, Duration ttl, int counter, long span, TagIds tags, byte[] payload) {

    byte[] written(EntryKey<?> key, EntryId id, int schemaVersion) {
      byte[] ids = tags.encoded();
      ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + ids.length + payload.length);
      bytes.putShort(MAGIC).put(FORMAT).put(kind.code).putLong(id.high()).putLong(id.low());
      bytes.putInt(schemaVersion);
      putSixBytes(bytes, 24, ttl.toMillis());
      bytes.putShort(30, (short) counter);
      putSixBytes(bytes, 32, span);
      bytes.putShort(38, (short) ids.length);
      bytes.position(HEADER_BYTES).put(ids).put(payload);
      bytes.putInt(40, crc(bytes.array(), HEADER_BYTES, ids.length + payload.length));
      return sealed(key, bytes.array());
    }
  }

  public static byte[] lease(
      EntryKey<?> key,
      EntryId id,
      int schemaVersion,
      Duration ttl,
      int renewals,
      int failures,
      TagIds tags) {
    return new Draft(Kind.LEASE, ttl, renewals, failures, tags, NOTHING)
        .written(key, id, schemaVersion);
  }

  static byte[] value(
      EntryKey<?> key,
      EntryId id,
      int schemaVersion,
      Lifetime lifetime,
      @Nullable Duration loadTime,
      TagIds tags,
      byte[] payload) {
    int loadMillis =
        loadTime == null ? 0 : (int) Math.min(Math.max(1, loadTime.toMillis()), MAX_LOAD_MILLIS);
    return new Draft(
            Kind.VALUE, lifetime.ttl(), loadMillis, lifetime.fresh().toMillis(), tags, payload)
        .written(key, id, schemaVersion);
  }

  public static byte[] absent(
      EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl, TagIds tags) {
    return new Draft(Kind.ABSENT, ttl, 0, ttl.toMillis(), tags, NOTHING)
        .written(key, id, schemaVersion);
  }

  static byte[] pass(EntryKey<?> key, EntryId id, int schemaVersion, Duration ttl) {
    return new Draft(Kind.PASS, ttl, 0, 0, TagIds.NONE, NOTHING).written(key, id, schemaVersion);
  }

  public static byte[] tag(EntryKey<?> key, EntryId id, Duration ttl) {
    return new Draft(Kind.TAG, ttl, 0, 0, TagIds.NONE, NOTHING).written(key, id, 0);
  }

  /** Returns a barrier that lets values of at least a version pass, or none. */
  public static byte[] barrier(EntryKey<?> key, EntryId id, Duration ttl, OptionalLong minVersion) {
    byte[] payload =
        minVersion.isEmpty()
            ? NOTHING
            : ByteBuffer.allocate(Long.BYTES).putLong(minVersion.getAsLong()).array();
    return new Draft(Kind.BARRIER, ttl, 0, 0, TagIds.NONE, payload).written(key, id, 0);
  }

  /**
   * Returns the note that the load under a lease failed.
   *
   * @param held how long it keeps everybody from loading; zero: it only tells those who waited for
   *     that lease
   */
  static byte[] failure(
      EntryKey<?> key,
      EntryId id,
      int schemaVersion,
      Duration ttl,
      Duration held,
      int failures,
      EntryId lease,
      String failureClass) {
    byte[] name = failureClass.getBytes(StandardCharsets.UTF_8);
    byte[] payload =
        ByteBuffer.allocate(EntryId.BYTES + name.length)
            .putLong(lease.high())
            .putLong(lease.low())
            .put(name)
            .array();
    return new Draft(
            Kind.FAILURE,
            ttl,
            Math.min(failures, MAX_COUNTED_FAILURES),
            held.toMillis(),
            TagIds.NONE,
            payload)
        .written(key, id, schemaVersion);
  }

  private static void putSixBytes(ByteBuffer bytes, int index, long value) {
    bytes.putShort(index, (short) (value >>> 32)).putInt(index + 2, (int) value);
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

  // ---- Reading --------------------------------------------------------------------------------

  public Kind kind() {
    return kind;
  }

  public boolean is(Kind other) {
    return kind == other;
  }

  /** Returns whether this is what a source answered: a value, or that there is none. */
  public boolean isAnswer() {
    return kind == Kind.VALUE || kind == Kind.ABSENT;
  }

  public EntryId id() {
    return EntryId.at(ByteBuffer.wrap(state), 4);
  }

  /** Returns the bytes by which a conditional operation recognises exactly this entry. */
  public byte[] stamp() {
    return Arrays.copyOf(state, STAMP_BYTES);
  }

  private long sixBytes(int index) {
    return (long) twoBytes(index) << 32 | (fourBytes(state, index + 2) & 0xFFFFFFFFL);
  }

  private int twoBytes(int index) {
    return twoBytes(state, index);
  }

  private static int twoBytes(byte[] state, int index) {
    return (short) SHORTS.get(state, index) & 0xFFFF;
  }

  private static int fourBytes(byte[] state, int index) {
    return (int) INTS.get(state, index);
  }

  public Duration ttl() {
    return Duration.ofMillis(sixBytes(24));
  }

  /** Returns how long ago this was written, if so much of its time to live remains. */
  public Duration age(Duration remaining) {
    Duration age = ttl().minus(remaining);
    return age.isNegative() ? Duration.ZERO : age;
  }

  /**
   * Returns how long after it was written a value or an absence is fresh, and a failure holds loads
   * back.
   */
  public Duration fresh() {
    return Duration.ofMillis(sixBytes(32));
  }

  /** Returns whether the store may keep this value longer than it is fresh. */
  public boolean outlivesFreshness() {
    return kind == Kind.VALUE && (sixBytes(32) < sixBytes(24) || isMarkedStale());
  }

  /** Returns how long the load of a value took, 32,767 ms at most; null if it was not loaded. */
  public @Nullable Duration loadTime() {
    int millis = twoBytes(30) & MAX_LOAD_MILLIS;
    return millis == 0 ? null : Duration.ofMillis(millis);
  }

  /**
   * Returns whether a value of that age is fresh. When it was marked stale, its age may have seemed
   * greater than it was, and with it the time in which it was fresh; so the mark alone counts.
   */
  public boolean isFreshAt(Duration age) {
    return !isMarkedStale() && age.compareTo(fresh()) < 0;
  }

  public boolean isMarkedStale() {
    return kind == Kind.VALUE && (twoBytes(30) & MARKED_STALE) != 0;
  }

  public int renewals() {
    return twoBytes(30);
  }

  /** Returns how many loads failed in a row before a lease, or up to a failure. */
  public int failures() {
    return kind == Kind.FAILURE ? twoBytes(30) : (int) Math.min(sixBytes(32), MAX_COUNTED_FAILURES);
  }

  /** Returns the lease under which the load failed; null if this is not readable. */
  public @Nullable EntryId failedLease() {
    return payloadBytes() < EntryId.BYTES ? null : EntryId.at(ByteBuffer.wrap(state), payloadAt());
  }

  /** Returns the name of the class of what the loader threw, as far as it can be shown. */
  public String failureClass() {
    int from = payloadAt() + EntryId.BYTES;
    if (from > state.length) {
      return "unknown";
    }
    int length = Math.min(state.length - from, MAX_CLASS_NAME_BYTES);
    return Printable.of(new String(state, from, length, StandardCharsets.UTF_8));
  }

  /** Returns the version from which on a barrier lets values pass; empty: none may. */
  public OptionalLong minVersion() {
    return payloadBytes() == Long.BYTES
        ? OptionalLong.of(ByteBuffer.wrap(state).getLong(payloadAt()))
        : OptionalLong.empty();
  }

  /** Returns whether there is anything that says so. */
  public boolean mayHaveTags() {
    return state.length >= HEADER_BYTES && twoBytes(38) > 0;
  }

  /** Returns the ids of the tags of an entry that was read whole; damaged ones equal no others. */
  public TagIds tags() {
    int length = twoBytes(38);
    return HEADER_BYTES + length > state.length
        ? TagIds.DAMAGED
        : TagIds.parse(ByteBuffer.wrap(state, HEADER_BYTES, length));
  }

  public byte[] head() {
    return Arrays.copyOf(state, HEADER_BYTES);
  }

  /** Returns a value with everything of this one, read whole, but its id and its payload. */
  byte[] successor(EntryKey<?> key, EntryId newId, int schemaVersion, byte[] newPayload) {
    return new Draft(Kind.VALUE, ttl(), twoBytes(30), sixBytes(32), tags(), newPayload)
        .written(key, newId, schemaVersion);
  }

  /**
   * Returns this value with one more payload in front of its own, under a new id; null if all of
   * them take more than some bytes.
   */
  byte @Nullable [] withPayload(
      EntryKey<?> key, EntryId newId, int schemaVersion, byte[] newPayload, int maxBytes) {
    List<ByteBuffer> all = new ArrayList<>();
    all.add(ByteBuffer.wrap(newPayload));
    payloads().stream().limit(MAX_PAYLOADS - 1).forEach(all::add);
    long bytes =
        all.stream().mapToLong(payload -> Integer.BYTES + (long) payload.remaining()).sum();
    if (bytes > maxBytes) {
      return null;
    }
    ByteBuffer joined = ByteBuffer.allocate((int) bytes);
    all.forEach(payload -> joined.putInt(payload.remaining()).put(payload));
    byte[] state = successor(key, newId, schemaVersion, joined.array());
    state[3] = SEVERAL;
    return sealed(key, state);
  }

  /** Returns the header of the same body with another time to live, under a new id. */
  byte[] headWith(EntryKey<?> key, EntryId newId, Lifetime lifetime) {
    byte[] head = head();
    ByteBuffer bytes = ByteBuffer.wrap(head);
    bytes.putLong(4, newId.high()).putLong(12, newId.low());
    putSixBytes(bytes, 24, lifetime.ttl().toMillis());
    putSixBytes(bytes, 32, lifetime.fresh().toMillis());
    bytes.putShort(30, (short) (twoBytes(30) & MAX_LOAD_MILLIS));
    return sealed(key, head);
  }

  /** Returns the header of the same body that was fresh only until now, under a new id. */
  byte[] headOfStale(EntryKey<?> key, EntryId newId, Duration age) {
    Duration freshUntilNow = age.compareTo(fresh()) < 0 ? age : fresh();
    byte[] head = headWith(key, newId, new Lifetime(ttl(), freshUntilNow));
    ByteBuffer.wrap(head).putShort(30, (short) (twoBytes(30) | MARKED_STALE));
    return sealed(key, head);
  }

  private int payloadAt() {
    return HEADER_BYTES + twoBytes(38);
  }

  public int payloadBytes() {
    return Math.max(0, state.length - payloadAt());
  }

  /** Returns whether a value was read whole and is what was written. */
  public boolean isIntact() {
    int body = state.length - HEADER_BYTES;
    return payloadAt() <= state.length && fourBytes(state, 40) == crc(state, HEADER_BYTES, body);
  }

  /** Returns whether a value was written by programs with different versions of its class. */
  boolean hasSeveralPayloads() {
    return state[3] == SEVERAL;
  }

  /** Returns the payload of a value that was read whole and has one. */
  ByteBuffer payload() {
    if (!isIntact()) {
      throw new CodecException("The payload does not match its checksum");
    }
    return ByteBuffer.wrap(state, payloadAt(), payloadBytes());
  }

  /** Returns the payloads of a value that was read whole, the last one written first. */
  List<ByteBuffer> payloads() {
    ByteBuffer rest = payload();
    if (!hasSeveralPayloads()) {
      return List.of(rest);
    }
    List<ByteBuffer> payloads = new ArrayList<>();
    while (rest.hasRemaining()) {
      int length = rest.remaining() < Integer.BYTES ? -1 : rest.getInt();
      if (length < 0 || length > rest.remaining()) {
        throw new CodecException("The payloads are longer than the entry");
      }
      payloads.add(ByteBuffer.wrap(state, rest.position(), length));
      rest.position(rest.position() + length);
    }
    return payloads;
  }
}
