package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import com.sun.management.ThreadMXBean;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.testkit.CodecContract;
import io.cacheaside.zstd.ZstdCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdCodecTest extends CompressionContract {

  @Override
  <V> Codec<V> compressed(Codec<V> codec) {
    return ZstdCodec.of(codec);
  }

  @Override
  <V> Codec<V> compressed(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes) {
    return ZstdCodec.builder(codec)
        .thresholdBytes(thresholdBytes)
        .maxDecompressedBytes(maxDecompressedBytes)
        .build();
  }

  @Override
  OutputStream foreign(OutputStream target) throws IOException {
    return new ZstdOutputStream(target);
  }

  @Nested
  class WithDictionary extends CodecContract<String> {
    private final Codec<String> codec = withDictionary(trained());

    @Override
    protected Codec<String> codec() {
      return codec;
    }

    @Override
    protected List<String> samples() {
      return List.of("", "x", user(1), user(2).repeat(1_000), Texts.UNICODE);
    }
  }

  @Test
  void refusesGzip() {
    assertRefused(Codec.bytes().gzip().encode(compressible()), "decompressed");
  }

  @ParameterizedTest
  @ValueSource(ints = {-7, 1, 9, 19, 22})
  void readsEveryLevelAtTheDefaultLevel(int level) {
    byte[] value = users(0, 10_000).getBytes(UTF_8);
    byte[] payload = ZstdCodec.builder(Codec.bytes()).level(level).build().encode(value);
    assertThat(payload).startsWith(COMPRESSED).hasSizeLessThan(value.length / 2);
    assertThat(ZstdCodec.of(Codec.bytes()).decode(ByteBuffer.wrap(payload))).isEqualTo(value);
  }

  @Test
  void compressesMoreAtHigherLevels() {
    byte[] value = users(0, 2_000).getBytes(UTF_8);
    byte[] fast = ZstdCodec.builder(Codec.bytes()).level(1).build().encode(value);
    byte[] small = ZstdCodec.builder(Codec.bytes()).level(19).build().encode(value);
    assertThat(small).hasSizeLessThan(fast.length);
  }

  @Test
  void refusesLevelsThatDoNotExist() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ZstdCodec.builder(Codec.bytes()).level(23))
        .withMessage("level is 23; it has to be from -131072 to 22");
  }

  @Test
  void makesSmallValuesSmallerWithADictionary() {
    byte[] without = compressed(Codec.string(), 0, 1 << 20).encode(user(123));
    byte[] with = withDictionary(trained()).encode(user(123));
    assertThat(with).startsWith(COMPRESSED).hasSizeLessThan(without.length * 2 / 3);
  }

  @Test
  void takesAnyTextAsADictionary() {
    Codec<String> codec = withDictionary(users(0, 10).getBytes(UTF_8));
    byte[] payload = codec.encode(user(123));
    assertThat(payload).startsWith(COMPRESSED);
    assertThat(codec.decode(ByteBuffer.wrap(payload))).isEqualTo(user(123));
  }

  @Test
  void refusesPayloadsOfAnotherDictionary() {
    Codec<String> codec = withDictionary(trained());
    byte[] payload = codec.encode(user(123));
    assertDecodingFails(ZstdCodec.of(Codec.string()), payload);
    assertDecodingFails(withDictionary(users(0, 10).getBytes(UTF_8)), payload);
    assertDecodingFails(codec, withDictionary(users(0, 10).getBytes(UTF_8)).encode(user(123)));
  }

  @Test
  void refusesTextThatIsAnotherDictionary() {
    byte[] payload = withDictionary(users(0, 10).getBytes(UTF_8)).encode(user(5));
    assertDecodingFails(withDictionary(users(10, 20).getBytes(UTF_8)), payload);
    assertDecodingFails(ZstdCodec.of(Codec.string()), payload);
  }

  @Test
  void keepsNoReferenceToTheDictionary() {
    byte[] dictionary = users(0, 10).getBytes(UTF_8);
    Codec<String> codec = withDictionary(dictionary);
    byte[] payload = codec.encode(user(5));
    Arrays.fill(dictionary, (byte) 0);
    assertThat(codec.encode(user(5))).isEqualTo(payload);
    assertThat(codec.decode(ByteBuffer.wrap(payload))).isEqualTo(user(5));
  }

  @Test
  void refusesEmptyDictionaries() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> withDictionary(new byte[0]))
        .withMessage("dictionary is empty; leave it out for none");
  }

  @Test
  void refusesWindowsLargerThanTheLimit() throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(frame).setLong(27)) {
      out.write(compressible());
    }
    byte[] payload = flagged(frame.toByteArray());
    assertThat(compressed(Codec.bytes(), 0, 1 << 27).decode(ByteBuffer.wrap(payload)))
        .isEqualTo(compressible());
    assertDecodingFails(compressed(Codec.bytes(), 0, 1 << 20), payload);
  }

  /** A frame that promises 48 MiB and holds 100 bytes. */
  @Test
  void takesNoMemoryForAPromise() {
    int block = (100 << 3) | (1 << 1) | 1;
    byte[] frame = {
      0x28,
      (byte) 0xb5,
      0x2f,
      (byte) 0xfd,
      (byte) 0xa0,
      0,
      0,
      0,
      3,
      (byte) block,
      (byte) (block >> 8),
      0,
      'x'
    };
    Codec<byte[]> codec = ZstdCodec.of(Codec.bytes());
    assertThat(Zstd.getFrameContentSize(frame)).isEqualTo(48 << 20);
    assertDecodingFails(codec, flagged(frame));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertDecodingFails(codec, flagged(frame));
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4 << 20);
  }

  private static void assertDecodingFails(Codec<?> codec, byte[] payload) {
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasMessage("The payload cannot be decompressed");
  }

  private static Codec<String> withDictionary(byte[] dictionary) {
    return ZstdCodec.builder(Codec.string()).dictionary(dictionary).build();
  }

  private static byte[] trained() {
    byte[][] samples =
        IntStream.range(0, 2_000).mapToObj(i -> user(i).getBytes(UTF_8)).toArray(byte[][]::new);
    byte[] dictionary = new byte[4 << 10];
    int size = (int) Zstd.trainFromBuffer(samples, dictionary);
    return Arrays.copyOf(dictionary, size);
  }

  private static String user(int id) {
    return "{\"id\":%d,\"name\":\"user %d\",\"mail\":\"%d@example.com\",\"active\":%b}"
        .formatted(id, id * 7919 % 1000, id * 31, id % 3 == 0);
  }

  private static String users(int from, int to) {
    StringBuilder users = new StringBuilder();
    IntStream.range(from, to).forEach(id -> users.append(user(id)));
    return users.toString();
  }

  @Test
  void saysWhatItWraps() {
    assertThat(ZstdCodec.of(Codec.string())).hasToString("ZstdCodec[Codec[String]]");
  }
}
