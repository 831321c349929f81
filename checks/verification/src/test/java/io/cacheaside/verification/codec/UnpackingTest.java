package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.CodecOverloadedException;
import io.cacheaside.codec.CompressingCodec;
import io.cacheaside.codec.GzipCodec;
import io.cacheaside.zstd.ZstdCodec;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small payloads that unpack to large ones do not fill the memory together. */
class UnpackingTest {
  private static final int LARGE = 24 << 20;
  private static final int READERS = 16;

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void manyLargePayloadsDoNotFillTheMemory(String codec) throws Exception {
    assertSucceeds(SmallHeap.class, codec);
  }

  /** What is bounded is an eighth of the memory, which is large in the JVM of the tests. */
  @Test
  void whatIsUnpackedAtATimeIsBoundedInAll() throws Exception {
    assertSucceeds(Bound.class);
  }

  /** Runs a program in a JVM that has little memory. */
  private static void assertSucceeds(Class<?> program, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx200m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertThat(java.waitFor()).as(output).isZero();
  }

  /** Reads large payloads on many threads, in a JVM that has no room for all of them. */
  static final class SmallHeap {
    public static void main(String[] arguments) throws Exception {
      Codec<byte[]> codec =
          arguments[0].equals("gzip") ? GzipCodec.of(Codec.bytes()) : ZstdCodec.of(Codec.bytes());
      byte[] payload = codec.encode(new byte[LARGE]);
      assertThat(payload.length).isLessThan(64 << 10);
      CyclicBarrier start = new CyclicBarrier(READERS);
      Callable<Integer> read =
          () -> {
            start.await();
            return codec.decode(ByteBuffer.wrap(payload)).length;
          };
      ExecutorService threads = Executors.newFixedThreadPool(READERS);
      for (int round = 0; round < 3; round++) {
        List<Callable<Integer>> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
          readers.add(read);
        }
        int[] outcomes = {0, 0};
        for (Future<Integer> reader : threads.invokeAll(readers)) {
          count(reader, outcomes);
        }
        assertThat(outcomes[0] + outcomes[1]).isEqualTo(READERS);
        assertThat(codec.decode(ByteBuffer.wrap(payload))).hasSize(LARGE);
      }
      threads.shutdown();
    }

    private static void count(Future<Integer> reader, int[] outcomes) throws InterruptedException {
      try {
        assertThat(reader.get()).isEqualTo(LARGE);
        outcomes[0]++;
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(CodecException.class);
        outcomes[1]++;
      }
    }
  }

  /** Decompresses a payload while another one takes all memory that there is for that. */
  static final class Bound {
    public static void main(String[] arguments) {
      int limit = (int) (Runtime.getRuntime().maxMemory() / 8);
      byte[] payload = {1, 0};
      AtomicReference<Throwable> inner = new AtomicReference<>();
      CompressingCodec<byte[]> small = unpackingTo(limit, in -> {});
      CompressingCodec<byte[]> large =
          unpackingTo(
              limit,
              in -> {
                try {
                  small.decode(ByteBuffer.wrap(payload));
                } catch (CodecException e) {
                  inner.set(e);
                }
              });

      assertThat(large.decode(ByteBuffer.wrap(payload))).hasSize(limit);
      assertThat(inner.get())
          .isInstanceOf(CodecOverloadedException.class)
          .hasMessageContaining("being decompressed");
      assertThat(small.decode(ByteBuffer.wrap(payload))).hasSize(limit);
      assertThatThrownBy(
              () -> unpackingTo(limit + 1, in -> {}, limit).decode(ByteBuffer.wrap(payload)))
          .hasMessageContaining("maxDecompressedBytes");
      assertThat(small.decode(ByteBuffer.wrap(payload))).hasSize(limit);
    }
  }

  private interface AtTheEnd {
    void run(InputStream in);
  }

  private static CompressingCodec<byte[]> unpackingTo(int bytes, AtTheEnd atTheEnd) {
    return unpackingTo(bytes, atTheEnd, bytes);
  }

  private static CompressingCodec<byte[]> unpackingTo(int bytes, AtTheEnd atTheEnd, int max) {
    return new CompressingCodec<>(Codec.bytes(), 0, max) {
      @Override
      protected byte[] compress(byte[] any) {
        return new byte[1];
      }

      @Override
      protected InputStream decompress(ByteBuffer compressed) {
        return new ByteArrayInputStream(new byte[0]) {
          private int left = bytes;

          @Override
          public synchronized int read() {
            if (left == 0) {
              atTheEnd.run(this);
            }
            return left-- > 0 ? 0 : -1;
          }

          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            int count = Math.min(left, length);
            left -= count;
            return count == 0 ? -1 : count;
          }

          @Override
          public int readNBytes(byte[] target, int offset, int length) {
            return Math.max(0, read(target, offset, length));
          }

          @Override
          public byte[] readNBytes(int length) {
            byte[] target = new byte[Math.min(left, length)];
            left -= target.length;
            return target;
          }
        };
      }
    };
  }
}
