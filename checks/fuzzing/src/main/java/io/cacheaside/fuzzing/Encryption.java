package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.EncryptionKeys;
import java.util.Arrays;

/**
 * What was encrypted is read where it was written and with its key, and nothing else is read at
 * all.
 */
public final class Encryption {
  private static final String ID = "2026-11";
  private static final String NEXT_ID = "2026-12";

  /** Knows one key under two ids, so that a changed id does not lead to another key. */
  private static final Codec<byte[]> CODEC =
      Codec.bytes().encrypted(EncryptionKeys.of(ID, key(1)).alsoReading(NEXT_ID, key(1)));

  private static final Codec<byte[]> OTHER_KEY =
      Codec.bytes().encrypted(EncryptionKeys.of(ID, key(2)));
  private static final Codec<byte[]> OTHER_ID =
      Codec.bytes().encrypted(EncryptionKeys.of(NEXT_ID, key(1)));

  private Encryption() {}

  private static byte[] key(int content) {
    byte[] key = new byte[16];
    Arrays.fill(key, (byte) content);
    return key;
  }

  /** One byte that says what follows: a payload; or a change, two places and a value. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.flag()) {
      isRefused(CODEC, in.rest(), States.PLACE);
      return;
    }
    int at = (int) in.number(2);
    int change = 1 + in.below(255);
    String place = place(in);
    String other = place(in);
    test(in.rest(), place, other, at, change);
  }

  /** Returns a text that can be part of a key. */
  private static String place(Input in) {
    return in.text().replaceAll("\\p{Cs}", "x");
  }

  private static void test(byte[] value, String place, String other, int at, int change) {
    Payloads.roundTrip(CODEC, value, place);
    byte[] payload = CODEC.encode(value, place);
    if (!other.equals(place)) {
      isRefused(CODEC, payload, other);
    }
    isRefused(OTHER_KEY, payload, place);
    isRefused(OTHER_ID, payload, place);
    byte[] changed = payload.clone();
    changed[at % payload.length] ^= (byte) change;
    isRefused(CODEC, changed, place);
    isRefused(CODEC, Arrays.copyOf(payload, at % payload.length), place);
    isRefused(CODEC, Arrays.copyOf(payload, payload.length + change), place);
  }

  private static void isRefused(Codec<byte[]> codec, byte[] payload, String place) {
    Violation.unless(
        Payloads.decoded(codec, payload, place) == null,
        "a payload that is not authentic was read");
  }
}
