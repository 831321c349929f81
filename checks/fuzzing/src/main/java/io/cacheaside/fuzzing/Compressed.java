package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.util.Arrays;

/** What holds for compression on top of byte arrays. */
final class Compressed {
  static final int THRESHOLD_BYTES = 16;
  static final int LIMIT_BYTES = 32 << 10;
  private static final int MORE_BYTES = 128 << 10;
  private static final byte COMPRESSED = 1;
  private static final String PLACE = States.PLACE;

  private final Codec<byte[]> codec;
  private final Codec<byte[]> generous;

  /**
   * Tests a codec.
   *
   * @param codec with the threshold and the limit of this class
   * @param generous the same with a limit that does not matter
   */
  Compressed(Codec<byte[]> codec, Codec<byte[]> generous) {
    this.codec = codec;
    this.generous = generous;
  }

  /** One byte that says what follows: a payload, or a value of many repetitions. */
  void test(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.flag()) {
      read(in.rest());
    } else {
      int length = (int) (in.number(3) % MORE_BYTES);
      int at = (int) in.number(2);
      int change = in.next();
      write(repeated(in.rest(), length), at, change);
    }
  }

  private static byte[] repeated(byte[] pattern, int length) {
    byte[] value = new byte[length];
    for (int i = 0; i < length && pattern.length > 0; i++) {
      value[i] = pattern[i % pattern.length];
    }
    return value;
  }

  private void read(byte[] payload) {
    byte[] value = Payloads.decoded(codec, payload, PLACE);
    if (value != null) {
      boolean plain = payload[0] != COMPRESSED;
      int limit = plain ? payload.length - 1 : LIMIT_BYTES;
      Violation.unless(value.length <= limit, "%d bytes came out", value.length);
      if (value.length <= LIMIT_BYTES) {
        Payloads.roundTrip(codec, value, PLACE);
      }
    }
  }

  private void write(byte[] value, int at, int change) {
    byte[] payload = generous.encode(value, PLACE);
    if (value.length > LIMIT_BYTES) {
      isRefused(value);
      boolean mayBeRead = payload[0] != COMPRESSED;
      Violation.unless(
          mayBeRead || Payloads.decoded(codec, payload, PLACE) == null, "the limit does not hold");
      return;
    }
    Payloads.roundTrip(codec, value, PLACE);
    Violation.unless(payload.length <= value.length + 1, "a payload is larger than the value");
    if (payload[0] == COMPRESSED) {
      damaged(payload, value, at, change);
    }
  }

  private void isRefused(byte[] value) {
    try {
      codec.encode(value, PLACE);
    } catch (CodecException expected) {
      return;
    }
    throw new Violation("a value that is too large was written", null);
  }

  /** The checksum finds each changed byte, unless the value is the same with it; and each end. */
  private void damaged(byte[] payload, byte[] value, int at, int change) {
    byte[] changed = payload.clone();
    changed[1 + at % (payload.length - 1)] ^= (byte) change;
    byte[] read = Payloads.decoded(codec, changed, PLACE);
    Violation.unless(read == null || Arrays.equals(read, value), "damage went unnoticed");
    byte[] cut = Arrays.copyOf(payload, 1 + at % (payload.length - 1));
    Violation.unless(Payloads.decoded(codec, cut, PLACE) == null, "a cut went unnoticed");
    byte[] longer = Arrays.copyOf(payload, payload.length + 1 + change);
    Violation.unless(Payloads.decoded(codec, longer, PLACE) == null, "more went unnoticed");
  }
}
