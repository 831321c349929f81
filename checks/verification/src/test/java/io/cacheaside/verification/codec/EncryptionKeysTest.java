package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.EncryptionKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionKeysTest {
  private static final byte[] KEY = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

  /** Allows what a key service hands out: any implementation, not only that of the JDK. */
  private static final class OwnKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final String algorithm;
    private final byte @Nullable [] bytes;

    OwnKey(String algorithm, byte @Nullable [] bytes) {
      this.algorithm = algorithm;
      this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
      return algorithm;
    }

    @Override
    public String getFormat() {
      return "RAW";
    }

    @Override
    @SuppressWarnings("NullAway") // the JDK allows null and does not say so
    public byte[] getEncoded() {
      return bytes == null ? null : bytes.clone();
    }
  }

  @Test
  void aGeneratedKeyAndItsBytesAreTheSameKey() throws Exception {
    KeyGenerator generator = KeyGenerator.getInstance("AES");
    generator.init(256);
    SecretKey key = generator.generateKey();
    byte[] payload = encrypt(EncryptionKeys.of("k", key));

    assertThat(decrypt(EncryptionKeys.of("k", key.getEncoded()), payload)).isEqualTo("value");
    assertThat(decrypt(other().alsoReading("k", key), payload)).isEqualTo("value");
    assertThat(decrypt(other().alsoReading("k", key.getEncoded()), payload)).isEqualTo("value");
    assertThat(decrypt(EncryptionKeys.of("k", new OwnKey("aes", key.getEncoded())), payload))
        .isEqualTo("value");
  }

  @Test
  void theCallersBytesMayBeErased() {
    byte[] bytes = KEY.clone();
    EncryptionKeys current = EncryptionKeys.of("k", bytes);
    EncryptionKeys reading = other().alsoReading("k", bytes);
    Arrays.fill(bytes, (byte) 0);

    assertThat(decrypt(current, encrypt(EncryptionKeys.of("k", KEY)))).isEqualTo("value");
    assertThat(decrypt(reading, encrypt(EncryptionKeys.of("k", KEY)))).isEqualTo("value");
  }

  @Test
  void moreKeysAreAnotherObject() {
    EncryptionKeys before = other().alsoReading("another", new byte[16]);
    EncryptionKeys after = before.alsoReading("k", KEY);
    byte[] payload = encrypt(EncryptionKeys.of("k", KEY));

    assertThat(decrypt(after, payload)).isEqualTo("value");
    assertThatThrownBy(() -> decrypt(before, payload)).isInstanceOf(CodecException.class);
    assertThat(before).hasToString("EncryptionKeys[current=other, alsoReading=[another]]");
  }

  @Test
  void showsIdsOnly() {
    EncryptionKeys keys =
        EncryptionKeys.of("a", KEY)
            .alsoReading("b", new SecretKeySpec(KEY, "AES"))
            .alsoReading("c", KEY);
    assertThat(keys).hasToString("EncryptionKeys[current=a, alsoReading=[b, c]]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "~", "2026-11", "a:b/c_d%", "32_characters:_abcdefghijklmnopq"})
  void takesIdsOfPrintableAscii(String id) {
    EncryptionKeys keys = EncryptionKeys.of(id, KEY);
    assertThat(decrypt(keys, encrypt(keys))).isEqualTo("value");
  }

  @Test
  void refusesOtherIds() {
    assertRefusedId("", "id has 0 characters; use 1 to 32");
    assertRefusedId("x".repeat(33), "id has 33 characters; use 1 to 32");
    for (String id : new String[] {" ", "a b", "a\n", "\u007f", "é", "\uD83D\uDE00", "\0"}) {
      assertRefusedId(
          id, "id has characters that ids cannot have; use printable ASCII without spaces");
    }
  }

  private static void assertRefusedId(String id, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of(id, KEY))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of(id, new SecretKeySpec(KEY, "AES")))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other().alsoReading(id, KEY))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other().alsoReading(id, new SecretKeySpec(KEY, "AES")))
        .withMessage(message);
  }

  @Test
  void refusesIdsThatAreThereAlready() {
    EncryptionKeys keys = other().alsoReading("k", KEY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.alsoReading("other", KEY))
        .withMessage("id 'other' is there already; give each key an id of its own");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.alsoReading("k", KEY))
        .withMessage("id 'k' is there already; give each key an id of its own");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 17, 23, 25, 31, 33, 64})
  void refusesKeysOfOtherSizes(int length) {
    String message = "key 'k' has " + length * 8 + " bits; use an AES key of 128, 192 or 256 bits";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of("k", new byte[length]))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of("k", new OwnKey("AES", new byte[length])))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other().alsoReading("k", new byte[length]))
        .withMessage(message);
  }

  @Test
  void refusesKeysForSomethingElse() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of("k", new SecretKeySpec(KEY, "HmacSHA256")))
        .withMessage("key 'k' is one for HmacSHA256; use an AES key");
  }

  @Test
  void refusesKeysThatStayInADevice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncryptionKeys.of("k", new OwnKey("AES", null)))
        .withMessage("key 'k' does not give its bytes; use an AES key that does");
  }

  private static EncryptionKeys other() {
    return EncryptionKeys.of("other", new byte[32]);
  }

  private static byte[] encrypt(EncryptionKeys keys) {
    return Codec.string().encrypted(keys).encode("value", "cache:key");
  }

  private static String decrypt(EncryptionKeys keys, byte[] payload) {
    return Codec.string().encrypted(keys).decode(ByteBuffer.wrap(payload), "cache:key");
  }
}
