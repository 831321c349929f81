package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.testkit.CodecContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What GZIP and Zstandard have in common. */
abstract class CompressionContract {
  static final byte PLAIN = 0;
  static final byte COMPRESSED = 1;

  abstract <V> Codec<V> compressed(Codec<V> codec);

  abstract <V> Codec<V> compressed(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes);

  /** Opens the algorithm as others implement it, without a flag. */
  abstract OutputStream foreign(OutputStream target) throws IOException;

  private final Codec<byte[]> bytes = compressed(Codec.bytes());

  @Nested
  class OfTexts extends CodecContract<String> {
    @Override
    protected Codec<String> codec() {
      return compressed(Codec.string());
    }

    @Override
    protected List<String> samples() {
      return Stream.concat(Texts.ALL.stream(), Stream.of(Texts.ofTenMegabytes())).toList();
    }
  }

  @Nested
  class OfBytesWithoutThreshold extends CodecContract<byte[]> {
    @Override
    protected Codec<byte[]> codec() {
      return compressed(Codec.bytes(), 0, 1 << 20);
    }

    @Override
    protected List<byte[]> samples() {
      return List.of(new byte[100], compressible(), random(5_000), new byte[100_000]);
    }
  }

  @Nested
  class OnTopOfItself extends CodecContract<String> {
    @Override
    protected Codec<String> codec() {
      return compressed(compressed(Codec.string()));
    }

    @Override
    protected List<String> samples() {
      return List.of("", "a".repeat(2_000), "a".repeat(20_000));
    }
  }

  @Test
  void leavesUpToTheThresholdAsItIs() {
    byte[] value = new byte[1024];
    assertThat(bytes.encode(value)).hasSize(1025).startsWith(PLAIN);
  }

  @Test
  void compressesBeyondTheThreshold() {
    byte[] value = new byte[1025];
    assertThat(bytes.encode(value)).hasSizeLessThan(200).startsWith(COMPRESSED);
  }

  @Test
  void takesAThresholdOfItsOwn() {
    Codec<byte[]> codec = compressed(Codec.bytes(), 200, 1 << 20);
    assertThat(codec.encode(new byte[200])).startsWith(PLAIN);
    assertThat(codec.encode(new byte[201])).startsWith(COMPRESSED);
  }

  @Test
  void leavesWhatGetsNoSmallerAsItIs() {
    byte[] value = random(5_000);
    assertThat(bytes.encode(value)).hasSize(5_001).startsWith(PLAIN).endsWith(value);
  }

  @Test
  void readsWhatOthersCompressed() throws IOException {
    byte[] payload = flagged(foreignForm(compressible()));
    assertThat(bytes.decode(ByteBuffer.wrap(payload))).isEqualTo(compressible());
  }

  @Test
  void readsWhatItsOtherSettingsWrote() {
    byte[] payload = compressed(Codec.bytes(), 0, 1 << 20).encode(compressible());
    assertThat(bytes.decode(ByteBuffer.wrap(payload))).isEqualTo(compressible());
  }

  @Test
  void refusesEmptyPayloads() {
    assertRefused(new byte[0], "empty");
  }

  @Test
  void refusesUnknownFlags() {
    byte[] payload = bytes.encode(compressible());
    payload[0] = 2;
    assertRefused(payload, "flag 2");
  }

  @Test
  void refusesEveryTruncation() {
    byte[] payload = bytes.encode(compressible());
    assertThat(payload).startsWith(COMPRESSED);
    for (int length = 0; length < payload.length; length++) {
      assertRefused(Arrays.copyOf(payload, length), "");
    }
  }

  @Test
  void refusesFurtherBytes() throws IOException {
    byte[] payload = bytes.encode(compressible());
    assertRefused(Arrays.copyOf(payload, payload.length + 1), "decompressed");
    assertRefused(Arrays.copyOf(payload, payload.length + 100), "decompressed");
    assertRefused(concat(payload, foreignForm(compressible())), "decompressed");
    assertRefused(concat(payload, foreignForm(new byte[0])), "decompressed");
  }

  /** A flipped bit may hit a field that means nothing, as the time in a GZIP header does. */
  @Test
  void neverDecodesToAnotherValueAfterAFlippedBit() {
    byte[] payload = bytes.encode(compressible());
    int refused = 0;
    for (int bit = Byte.SIZE; bit < payload.length * Byte.SIZE; bit++) {
      byte[] damaged = payload.clone();
      damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      try {
        assertThat(bytes.decode(ByteBuffer.wrap(damaged))).isEqualTo(compressible());
      } catch (CodecException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(payload.length * Byte.SIZE / 2);
  }

  @Test
  void refusesBombs() throws IOException {
    byte[] bomb = flagged(bomb(200 << 20));
    assertThat(bomb).hasSizeLessThan(1 << 20);
    assertRefused(bomb, "more than 67,108,864 bytes (maxDecompressedBytes)");
  }

  @Test
  void stopsAtTheLimitAndNotBefore() {
    Codec<byte[]> small = compressed(Codec.bytes(), 0, 100_000);
    byte[] most = bytes.encode(new byte[100_000]);
    byte[] tooMuch = bytes.encode(new byte[100_001]);
    assertThat(small.decode(ByteBuffer.wrap(most))).isEqualTo(new byte[100_000]);
    assertThatThrownBy(() -> small.decode(ByteBuffer.wrap(tooMuch)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("100,000 bytes (maxDecompressedBytes)");
  }

  @Test
  void refusesToWriteWhatItCouldNotRead() {
    Codec<byte[]> small = compressed(Codec.bytes(), 0, 1_000);
    assertThat(small.encode(new byte[1_000])).startsWith(COMPRESSED);
    assertThatThrownBy(() -> small.encode(new byte[1_001]))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("1,001")
        .hasMessageContaining("1,000 could be decompressed (maxDecompressedBytes)");
  }

  @Test
  void passesOnWhatTheOtherCodecThrows() {
    byte[] payload = bytes.encode(invalidUtf8());
    assertThatThrownBy(() -> compressed(Codec.string()).decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasMessage("The payload is not UTF-8");
    assertThatThrownBy(() -> compressed(Codec.string()).encode("\uD83D"))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("unpaired surrogate");
  }

  /** Below the threshold and beyond it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5_000})
  void handsThePlaceOn(int length) {
    String value = "a".repeat(length);
    Codec<String> codec = compressed(new PlacedTexts());
    byte[] payload = codec.encode(value, "cache:key");
    assertThat(codec.decode(ByteBuffer.wrap(payload), "cache:key")).isEqualTo(value);
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload), "cache:other"))
        .hasMessage("written for another place");
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload), ""))
        .hasMessage("written for another place");
    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(value)))).isEqualTo(value);
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compressed(Codec.bytes(), -1, 1))
        .withMessage("thresholdBytes is -1; it has to be at least 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compressed(Codec.bytes(), 0, 0))
        .withMessage("maxDecompressedBytes is 0; it has to be at least 1");
  }

  @Test
  void worksWithTheLargestLimit() {
    Codec<byte[]> codec = compressed(Codec.bytes(), 0, Integer.MAX_VALUE);
    byte[] payload = codec.encode(compressible());
    assertThat(codec.decode(ByteBuffer.wrap(payload))).isEqualTo(compressible());
  }

  final void assertRefused(byte[] payload, String message) {
    assertThatThrownBy(() -> bytes.decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(message);
  }

  static byte[] compressible() {
    return "{\"id\":42,\"name\":\"Ada\",\"tags\":[\"a\",\"b\"]},".repeat(60).getBytes(UTF_8);
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private static byte[] invalidUtf8() {
    byte[] bytes = new byte[2_000];
    Arrays.fill(bytes, (byte) 0xff);
    return bytes;
  }

  static byte[] flagged(byte[] compressed) {
    return concat(new byte[] {COMPRESSED}, compressed);
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private byte[] foreignForm(byte[] content) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (OutputStream out = foreign(target)) {
      out.write(content);
    }
    return target.toByteArray();
  }

  private byte[] bomb(int contentBytes) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    byte[] zeros = new byte[1 << 20];
    try (OutputStream out = foreign(target)) {
      for (int left = contentBytes; left > 0; left -= zeros.length) {
        out.write(zeros);
      }
    }
    return target.toByteArray();
  }
}
