package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import org.jspecify.annotations.Nullable;

/** What holds for a codec of structured values. */
final class Documents {
  private static final String PLACE = States.PLACE;
  private static final int DEEPEST = 2;

  private Documents() {}

  /**
   * One byte that says what follows: a value, a payload, or a value and the damage of its payload.
   */
  static void test(Codec<Document> codec, byte[] bytes) {
    Input in = new Input(bytes);
    switch (in.below(3)) {
      case 0 -> read(codec, in.rest());
      case 1 -> written(codec, Document.of(in, DEEPEST));
      default -> {
        int changes = 1 + in.below(4);
        byte[] damage = in.bytes(4 * changes);
        byte[] payload = written(codec, Document.of(in, 0));
        if (payload != null) {
          damage(payload, new Input(damage));
          read(codec, payload);
        }
      }
    }
  }

  private static void damage(byte[] payload, Input damage) {
    while (damage.left() > 0) {
      int at = (int) (damage.number(2) % payload.length);
      payload[at] = (byte) damage.next();
    }
  }

  /** A payload is refused, or a value that would be written and read as the same. */
  private static void read(Codec<Document> codec, byte[] payload) {
    Document value = Payloads.decoded(codec, payload, PLACE);
    if (value != null) {
      written(codec, value);
    }
  }

  /** A value is refused, or exact; returns its payload. */
  private static byte @Nullable [] written(Codec<Document> codec, Document value) {
    byte[] payload;
    try {
      payload = codec.encode(value, PLACE);
    } catch (CodecException refused) {
      return null;
    }
    Violation.unlessEqual("what was written", Payloads.decoded(codec, payload, PLACE), value);
    return payload;
  }
}
