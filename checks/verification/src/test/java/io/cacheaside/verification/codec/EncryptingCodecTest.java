package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.EncryptingCodec;
import io.cacheaside.codec.EncryptionKeys;
import io.cacheaside.testkit.CodecContract;
import io.cacheaside.zstd.ZstdCodec;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptingCodecTest {
  private static final String PLACE = "users:42";
  private static final String SECRET = "a value that nobody may see";
  private static final byte[] KEY = key(1, 32);
  private static final byte[] FORMER_KEY = key(2, 16);
  private static final EncryptionKeys KEYS =
      EncryptionKeys.of("2026-11", KEY).alsoReading("2026-05", FORMER_KEY);
  private static final int ID_OFFSET = 2;
  private static final int NONCE_OFFSET = ID_OFFSET + "2026-11".length();
  private static final int TEXT_OFFSET = NONCE_OFFSET + 12;

  private final Codec<String> codec = Codec.string().encrypted(KEYS);

  private abstract static class Contract extends CodecContract<String> {
    private final Codec<String> codec;

    Contract(Codec<String> codec) {
      this.codec = codec;
    }

    @Override
    protected Codec<String> codec() {
      return codec;
    }

    @Override
    protected List<String> samples() {
      return Stream.concat(Texts.ALL.stream(), Stream.of(Texts.ofTenMegabytes())).toList();
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfTexts extends Contract {
    OfTexts() {
      super(Codec.string().encrypted(KEYS));
    }
  }

  @Nested
  class CompressedBefore extends Contract {
    CompressedBefore() {
      super(Codec.string().gzip().encrypted(KEYS));
    }
  }

  @Nested
  class CompressedAfterwards extends Contract {
    CompressedAfterwards() {
      super(Codec.string().encrypted(KEYS).gzip());
    }
  }

  @Nested
  class OnTopOfItself extends Contract {
    OnTopOfItself() {
      super(Codec.string().encrypted(KEYS).encrypted(EncryptionKeys.of("outer", key(3, 24))));
    }
  }

  // ---- The form of a payload --------------------------------------------------------------------

  /** Encrypted by the package cryptography 48 for Python, with OpenSSL. */
  @Test
  void readsWhatAnotherProgramEncrypted() {
    Codec<String> of128Bits = Codec.string().encrypted(EncryptionKeys.of("2026-11", ascending(16)));
    Codec<String> of256Bits = Codec.string().encrypted(EncryptionKeys.of("k", ascending(32)));

    assertThat(
            of128Bits.decode(
                hex(
                    "0107323032362d3131202122232425262728292a2b"
                        + "819173275b9f491303732a7160145b33caa205"),
                "users:42"))
        .isEqualTo("Ada");
    assertThat(
            of256Bits.decode(
                hex("01016b202122232425262728292a2b885565db98d8d892a1a8af3915aa4f5ecaff38a4"),
                "users%3Aeu:é\uD83D\uDE00"))
        .isEqualTo("Zoë");
  }

  @Test
  void writesWhatOthersRead() throws GeneralSecurityException {
    byte[] payload = codec.encode(SECRET, PLACE);

    assertThat(payload).startsWith(1, "2026-11".length());
    assertThat(new String(payload, ID_OFFSET, 7, US_ASCII)).isEqualTo("2026-11");
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(KEY, "AES"),
        new GCMParameterSpec(128, payload, NONCE_OFFSET, 12));
    cipher.updateAAD(payload, 0, TEXT_OFFSET);
    cipher.updateAAD(PLACE.getBytes(UTF_8));
    byte[] plain = cipher.doFinal(payload, TEXT_OFFSET, payload.length - TEXT_OFFSET);
    assertThat(new String(plain, UTF_8)).isEqualTo(SECRET);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 32", "1, 7", "16, 7", "17, 7", "100000, 7"})
  void isThirtyBytesAndTheIdLonger(int valueBytes, int idBytes) {
    EncryptionKeys keys = EncryptionKeys.of("i".repeat(idBytes), KEY);
    Codec<byte[]> bytes = Codec.bytes().encrypted(keys);
    assertThat(bytes.encode(new byte[valueBytes], PLACE)).hasSize(valueBytes + 30 + idBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24, 32})
  void takesKeysOfEachSizeOfAes(int keyBytes) {
    Codec<String> sized = Codec.string().encrypted(EncryptionKeys.of("k", key(9, keyBytes)));
    assertThat(decoded(sized, sized.encode(SECRET, PLACE))).isEqualTo(SECRET);
  }

  @Test
  void hidesTheValue() {
    assertThat(new String(codec.encode(SECRET, PLACE), ISO_8859_1)).doesNotContain("nobody");
  }

  @Test
  void encryptsTheSameValueDifferentlyEachTime() {
    Set<String> nonces = new HashSet<>();
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      byte[] payload = codec.encode(SECRET, PLACE);
      nonces.add(HexFormat.of().formatHex(payload, NONCE_OFFSET, TEXT_OFFSET));
      texts.add(HexFormat.of().formatHex(payload, TEXT_OFFSET, payload.length));
    }
    assertThat(nonces).hasSize(10_000);
    assertThat(texts).hasSize(10_000);
  }

  // ---- What is refused --------------------------------------------------------------------------

  @Test
  void refusesAFlippedBitAnywhere() {
    byte[] payload = codec.encode(SECRET, PLACE);
    for (int bit = 0; bit < payload.length * Byte.SIZE; bit++) {
      byte[] flipped = payload.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertRefused(flipped, PLACE, "");
    }
  }

  @Test
  void refusesEveryTruncation() {
    byte[] payload = codec.encode(SECRET, PLACE);
    for (int length = 0; length < payload.length; length++) {
      assertRefused(Arrays.copyOf(payload, length), PLACE, "");
    }
    assertRefused(new byte[0], PLACE, "only 0 bytes");
    assertRefused(Arrays.copyOf(payload, TEXT_OFFSET + 15), PLACE, "only 36 bytes");
    assertRefused(Arrays.copyOf(payload, TEXT_OFFSET + 16), PLACE, "not authentic");
  }

  @Test
  void refusesFurtherBytes() {
    byte[] payload = codec.encode(SECRET, PLACE);
    for (int more : new int[] {1, 16, 1_000}) {
      assertRefused(Arrays.copyOf(payload, payload.length + more), PLACE, "not authentic");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"users:43", "users:4", "users:420", "users2:42", "Users:42", " users:42"})
  void refusesAnotherPlace(String other) {
    assertRefused(codec.encode(SECRET, PLACE), other, "not authentic");
    assertRefused(codec.encode(SECRET, other), PLACE, "not authentic");
  }

  @Test
  void withoutAPlaceIsTheEmptyPlace() {
    assertRefused(codec.encode(SECRET, PLACE), "", "not authentic");
    assertRefused(codec.encode(SECRET), PLACE, "not authentic");
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(codec.encode(SECRET, PLACE))))
        .isInstanceOf(CodecException.class);
    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(SECRET)), "")).isEqualTo(SECRET);
    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(SECRET, "")))).isEqualTo(SECRET);
  }

  @Test
  void refusesPlacesThatOthersCouldBeTakenFor() {
    for (String place : Texts.UNPAIRED_SURROGATES) {
      assertThatThrownBy(() -> codec.encode(SECRET, place)).isInstanceOf(CodecException.class);
      assertRefused(codec.encode(SECRET, "?"), place, "surrogate");
    }
  }

  /** With a key that has two ids, nothing but the authenticated header tells them apart. */
  @Test
  void refusesAnotherIdOfTheSameKey() {
    Codec<String> twoIds =
        Codec.string().encrypted(EncryptionKeys.of("a", KEY).alsoReading("b", KEY));
    byte[] payload = twoIds.encode(SECRET, PLACE);
    assertThat(payload[ID_OFFSET]).isEqualTo((byte) 'a');
    payload[ID_OFFSET] = 'b';
    assertRefused(twoIds, payload, PLACE, "not authentic");
  }

  @Test
  void refusesAnotherKeyOfTheSameId() {
    Codec<String> other = Codec.string().encrypted(EncryptionKeys.of("2026-11", key(4, 32)));
    assertRefused(other.encode(SECRET, PLACE), PLACE, "of another key with the same id");
  }

  @Test
  void refusesOtherVersions() {
    byte[] payload = codec.encode(SECRET, PLACE);
    payload[0] = 2;
    assertRefused(payload, PLACE, "version 2, not 1");
  }

  @Test
  void refusesWhatIsNotEncrypted() {
    assertRefused("{\"id\":42}".getBytes(UTF_8), PLACE, "version 123, not 1; it is not encrypted");
    assertRefused(ZstdCodec.of(Codec.string()).encode(SECRET), PLACE, "version 0, not 1");
    assertRefused("\u0001 and much text behind it, of more bytes".getBytes(UTF_8), PLACE, "");
  }

  @Test
  void refusesTheOtherOrderOfCompressionAndEncryption() {
    assertRefused(codec.gzip().encode(SECRET, PLACE), PLACE, "version 0, not 1");
    assertRefused(codec.gzip(), codec.encode(SECRET, PLACE), PLACE, "decompressed");
  }

  @Test
  void givesNothingToTheOtherCodecThatIsNotAuthentic() {
    AtomicInteger calls = new AtomicInteger();
    Codec<byte[]> counting =
        new Codec<>() {
          @Override
          public byte[] encode(byte[] value) {
            return value.clone();
          }

          @Override
          public byte[] decode(ByteBuffer payload) {
            calls.incrementAndGet();
            return Codec.bytes().decode(payload);
          }
        };
    Codec<byte[]> encrypted = counting.encrypted(KEYS);
    byte[] payload = encrypted.encode(new byte[100], PLACE);
    encrypted.decode(ByteBuffer.wrap(payload), PLACE);
    assertThat(calls).hasValue(1);

    payload[payload.length - 1] ^= 1;

    assertRefused(encrypted, payload, PLACE, "not authentic");
    assertThat(calls).hasValue(1);
  }

  // ---- Other codecs below and above -------------------------------------------------------------

  @Test
  void handsThePlaceOn() {
    Codec<String> placed = new PlacedTexts().encrypted(KEYS);
    assertThat(decoded(placed, placed.encode(SECRET, PLACE))).isEqualTo(SECRET);
    assertThat(placed.decode(ByteBuffer.wrap(placed.encode(SECRET)))).isEqualTo(SECRET);
  }

  @Test
  void knowsItsPlaceBelowCompression() {
    for (Codec<String> compressed : List.of(codec.gzip(), ZstdCodec.of(codec))) {
      byte[] payload = compressed.encode(SECRET, PLACE);
      assertThat(decoded(compressed, payload)).isEqualTo(SECRET);
      assertRefused(compressed, payload, "users:43", "not authentic");
    }
  }

  @Test
  void compressionBelowMakesPayloadsSmaller() {
    String value = SECRET.repeat(100);
    assertThat(Codec.string().gzip().encrypted(KEYS).encode(value, PLACE)).hasSizeLessThan(200);
    assertThat(Codec.string().encrypted(KEYS).gzip().encode(value, PLACE))
        .hasSizeGreaterThan(value.length());
  }

  @Test
  void passesOnWhatTheOtherCodecThrows() {
    byte[] payload = Codec.bytes().encrypted(KEYS).encode(new byte[] {-1}, PLACE);
    assertRefused(payload, PLACE, "The payload is not UTF-8");
    assertThatThrownBy(() -> codec.encode("\uD83D", PLACE))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("unpaired surrogate");
  }

  // ---- Keys -------------------------------------------------------------------------------------

  @Test
  void readsEachKeyAndWritesWithTheCurrentOne() {
    Codec<String> former = Codec.string().encrypted(EncryptionKeys.of("2026-05", FORMER_KEY));
    assertThat(decoded(codec, former.encode(SECRET, PLACE))).isEqualTo(SECRET);

    byte[] payload = codec.encode(SECRET, PLACE);

    Codec<String> current = Codec.string().encrypted(EncryptionKeys.of("2026-11", KEY));
    assertThat(decoded(current, payload)).isEqualTo(SECRET);
    assertRefused(former, payload, PLACE, "2026-11");
  }

  @Test
  void refusesAKeyThatIsNotThereAnyMore() {
    byte[] payload =
        Codec.string().encrypted(EncryptionKeys.of("2025-12", key(5, 16))).encode(SECRET, PLACE);
    assertRefused(
        payload,
        PLACE,
        "The payload is of the key '2025-12', not of"
            + " EncryptionKeys[current=2026-11, alsoReading=[2026-05]]; alsoReading adds it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "a\u00e9", "33 characters, which are too many:"})
  void namesNoIdThatIsNone(String id) {
    byte[] bytes = id.getBytes(ISO_8859_1);
    byte[] payload = new byte[100];
    ByteBuffer.wrap(payload).put((byte) 1).put((byte) bytes.length).put(bytes);
    assertRefused(
        payload, PLACE, "The payload has no id of a key; it is damaged, or not encrypted");
  }

  @Test
  void asksASupplierEachTime() {
    AtomicReference<EncryptionKeys> keys =
        new AtomicReference<>(EncryptionKeys.of("2026-05", FORMER_KEY));
    Codec<String> rotated = EncryptingCodec.over(Codec.string(), keys::get);
    byte[] former = rotated.encode(SECRET, PLACE);

    keys.set(KEYS);
    byte[] current = rotated.encode(SECRET, PLACE);
    assertThat(decoded(rotated, former)).isEqualTo(SECRET);
    assertThat(decoded(rotated, current)).isEqualTo(SECRET);

    keys.set(EncryptionKeys.of("2026-11", KEY));
    assertRefused(rotated, former, PLACE, "2026-05");
    assertThat(decoded(rotated, current)).isEqualTo(SECRET);
  }

  @Test
  @SuppressWarnings("NullAway") // what a careless supplier does
  void doesNothingWithoutKeys() {
    byte[] payload = codec.encode(SECRET, PLACE);
    Codec<String> none = EncryptingCodec.over(Codec.string(), () -> null);
    assertThatNullPointerException()
        .isThrownBy(() -> none.encode(SECRET, PLACE))
        .withMessage("the supplier of keys returned null");
    assertThatNullPointerException()
        .isThrownBy(() -> decoded(none, payload))
        .withMessage("the supplier of keys returned null");
    assertThatNullPointerException()
        .isThrownBy(() -> EncryptingCodec.over(Codec.string(), (EncryptionKeys) null))
        .withMessage("keys");
  }

  @Test
  void showsNoKey() {
    assertThat(codec).hasToString("EncryptingCodec[Codec[String]]");
    assertThat(EncryptingCodec.over(Codec.bytes().gzip(), () -> KEYS))
        .hasToString("EncryptingCodec[GzipCodec[Codec[byte[]]]]");
  }

  // ---- Tools ------------------------------------------------------------------------------------

  private static String decoded(Codec<String> codec, byte[] payload) {
    return codec.decode(ByteBuffer.wrap(payload), PLACE);
  }

  private void assertRefused(byte[] payload, String place, String message) {
    assertRefused(codec, payload, place, message);
  }

  /** Whatever is said about a payload, nothing of the value or of a key is. */
  private static void assertRefused(Codec<?> codec, byte[] payload, String place, String message) {
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload), place))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200).doesNotContain("nobody"));
  }

  private static ByteBuffer hex(String digits) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
  }

  private static byte[] key(int seed, int length) {
    byte[] key = new byte[length];
    Arrays.fill(key, (byte) (seed * 17));
    return key;
  }

  private static byte[] ascending(int length) {
    byte[] key = new byte[length];
    for (int i = 0; i < length; i++) {
      key[i] = (byte) i;
    }
    return key;
  }
}
