package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What holds for every codec and every payload. */
final class Payloads {
  private static final long MAX_ALLOCATED_BYTES = 4L << 20;
  private static final int MARGIN = 3;

  private Payloads() {}

  /**
   * Decodes a payload, in the middle of a larger array, with bounded memory and without a change of
   * that array.
   *
   * @return the value; null if the codec refused it, for which there is one way
   */
  static <V> @Nullable V decoded(Codec<V> codec, byte[] payload, String place) {
    byte[] array = new byte[MARGIN + payload.length + MARGIN];
    Arrays.fill(array, (byte) '1');
    System.arraycopy(payload, 0, array, MARGIN, payload.length);
    byte[] before = array.clone();
    ByteBuffer window = ByteBuffer.wrap(array, MARGIN, payload.length).slice();
    @SuppressWarnings({"unchecked", "rawtypes"})
    @Nullable V[] value = (V[]) new Object[1];
    Memory.bounded(
        MAX_ALLOCATED_BYTES,
        () -> {
          try {
            value[0] = codec.decode(window.duplicate(), place);
            Violation.unless(value[0] != null, "decoded to null");
          } catch (CodecException refused) {
            value[0] = null;
          }
        });
    Violation.unless(Arrays.equals(before, array), "decoding changed the payload");
    return value[0];
  }

  /** What was written is read, and a value that was read can be written and read again. */
  static <V> void roundTrip(Codec<V> codec, V value, String place) {
    byte[] payload = codec.encode(value, place);
    V again = decoded(codec, payload, place);
    Violation.unlessEqual("what was written", again, value);
  }
}
