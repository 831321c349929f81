package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.codec.Codec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Codec} has to do, as JUnit tests: extend it for a codec of your own.
 *
 * <pre>{@code
 * class UserCodecTest extends CodecContract<User> {
 *   @Override
 *   protected Codec<User> codec() {
 *     return new UserCodec();
 *   }
 *
 *   @Override
 *   protected List<User> samples() {
 *     return List.of(new User("Ada", 36), new User("", 0));
 *   }
 * }
 * }</pre>
 *
 * <p>Values are compared with {@link Objects#deepEquals}. Hostile and damaged payloads come from a
 * fixed seed, so a run can be repeated. Each test has a minute, which is there for codecs that
 * never return.
 *
 * <p>Not asked for, because few codecs can: that a payload which {@code encode} never returned is
 * an error. Text that is cut off is still text, and with a bit flipped it is other text; it takes a
 * checksum to tell. Only truncation has to be detected, and only by a codec that {@linkplain
 * #detectsTruncation says so}.
 *
 * @param <V> the values
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class CodecContract<V> {
  private static final String PLACE = "users%3Aeu:42 \u00e9\uD83D\uDE00";
  private static final int THREADS = 8;
  private static final int ROUNDS_PER_THREAD = 20;
  private static final int DAMAGED_PAYLOADS_PER_SAMPLE = 200;
  private static final int RANDOM_PAYLOADS = 2_000;
  private static final int RUN_BYTES = 64 << 10;
  private static final int SMALL_PAYLOAD_BYTES = 4 << 10;
  private static final int LENGTHS_OF_LARGE_PAYLOADS = 16;

  private Codec<V> codec;
  private List<V> samples;

  /** Creates the contract; for subclasses. */
  protected CodecContract() {}

  /** Returns the codec under test. */
  protected abstract Codec<V> codec();

  /** Returns the values to test it with. At least one has to take no more than 4 KiB. */
  protected abstract List<V> samples();

  /** Returns whether every payload without its last bytes has to be an error; by default false. */
  protected boolean detectsTruncation() {
    return false;
  }

  @BeforeEach
  void prepare() {
    codec = codec();
    samples = samples();
  }

  /** {@code decode(encode(v))} equals {@code v}. */
  @Test
  void returnsWhatItWasGiven() {
    for (V sample : samples) {
      assertEqual(decode(codec.encode(sample)), sample);
    }
  }

  /** {@code decode(encode(v, place), place)} equals {@code v}, which is what caches call. */
  @Test
  void returnsWhatItWasGivenForAPlace() {
    for (V sample : samples) {
      byte[] payload = codec.encode(sample, PLACE);
      assertEqual(codec.decode(ByteBuffer.wrap(payload), PLACE), sample);
    }
  }

  /** Only what is between position and limit counts, wherever the backing array begins. */
  @Test
  void readsASliceOfALargerArray() {
    for (V sample : samples) {
      byte[] payload = codec.encode(sample);
      byte[] array = new byte[payload.length + 20];
      Arrays.fill(array, (byte) '1');
      System.arraycopy(payload, 0, array, 7, payload.length);
      ByteBuffer window = ByteBuffer.wrap(array, 7, payload.length);
      assertEqual(codec.decode(window.duplicate()), sample);
      assertEqual(codec.decode(window.slice()), sample);
    }
  }

  /** The payload is neither changed nor part of the value. */
  @Test
  void neitherChangesNorKeepsThePayload() {
    for (V sample : samples) {
      byte[] payload = codec.encode(sample);
      byte[] before = payload.clone();
      V decoded = decode(payload);
      assertThat(Arrays.equals(payload, before)).as("payload unchanged").isTrue();
      Arrays.fill(payload, (byte) 0x55);
      assertEqual(decoded, sample);
    }
  }

  /** The value is neither changed nor part of the payload. */
  @Test
  void neitherChangesNorKeepsTheValue() {
    for (V sample : samples) {
      byte[] payload = codec.encode(sample);
      V before = decode(payload);
      Arrays.fill(payload, (byte) 0x55);
      assertEqual(sample, before);
    }
  }

  /** A payload that was cut off is an error or, for codecs that cannot tell, some value. */
  @Test
  void survivesTruncation() {
    for (V sample : samples) {
      byte[] payload = codec.encode(sample);
      lengthsBelow(payload.length).forEach(length -> truncated(Arrays.copyOf(payload, length)));
    }
  }

  private void truncated(byte[] payload) {
    if (detectsTruncation()) {
      assertThat(catchThrowable(() -> decode(payload)))
          .as("decoding %d bytes that are not all", payload.length)
          .isInstanceOf(RuntimeException.class);
    } else {
      survives(payload);
    }
  }

  /** Payloads with a few bytes changed are errors or values. */
  @Test
  void survivesDamage() {
    Random random = new Random(42);
    for (V sample : small()) {
      byte[] payload = codec.encode(sample);
      for (int i = 0; i < DAMAGED_PAYLOADS_PER_SAMPLE; i++) {
        survives(damaged(payload, random));
      }
    }
  }

  private static byte[] damaged(byte[] payload, Random random) {
    byte[] damaged = Arrays.copyOf(payload, payload.length + random.nextInt(2));
    for (int changes = random.nextInt(4); changes >= 0 && damaged.length > 0; changes--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    }
    return damaged;
  }

  /** Random bytes are errors or values. */
  @Test
  void survivesRandomBytes() {
    Random random = new Random(43);
    for (int i = 0; i < RANDOM_PAYLOADS; i++) {
      byte[] payload = new byte[random.nextInt(512)];
      random.nextBytes(payload);
      survives(payload);
    }
  }

  /** Runs of one byte, which may open ever more brackets, are errors or values. */
  @Test
  void survivesDeepNesting() {
    for (int b = Byte.MIN_VALUE; b <= Byte.MAX_VALUE; b++) {
      byte[] run = new byte[RUN_BYTES];
      Arrays.fill(run, (byte) b);
      survives(run);
    }
  }

  /** Lengths that the payload does not have are errors or values, and not the end of memory. */
  @Test
  void survivesLengthsThatLie() {
    for (int b = Byte.MIN_VALUE; b <= Byte.MAX_VALUE; b++) {
      survives(new byte[] {(byte) b, 0x7f, -1, -1, -1, 'x'});
      survives(new byte[] {(byte) b, -1, -1, -1, 0x7f, 'x'});
      survives(new byte[] {1, (byte) b, 0x7f, -1, -1, -1, 'x'});
    }
  }

  /** One codec serves many threads at the same time. */
  @Test
  void isThreadSafe() throws Exception {
    List<V> shared = small();
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Callable<@Nullable Void> work =
        () -> {
          start.await();
          for (int round = 0; round < ROUNDS_PER_THREAD; round++) {
            shared.forEach(v -> assertEqual(codec.decode(ByteBuffer.wrap(codec.encode(v))), v));
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<?> result : threads.invokeAll(Collections.nCopies(THREADS, work))) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private V decode(byte[] payload) {
    return codec.decode(ByteBuffer.wrap(payload));
  }

  private void survives(byte[] payload) {
    Throwable thrown = catchThrowable(() -> decode(payload));
    if (thrown != null) {
      assertThat(thrown)
          .as("decoding %d bytes beginning with %s", payload.length, beginning(payload))
          .isInstanceOf(RuntimeException.class);
    }
  }

  private static String beginning(byte[] payload) {
    return HexFormat.of().formatHex(payload, 0, Math.min(payload.length, 32));
  }

  private static void assertEqual(Object actual, Object expected) {
    assertThat(Objects.deepEquals(actual, expected))
        .as(() -> "decoded %s from %s".formatted(shortened(actual), shortened(expected)))
        .isTrue();
  }

  private static String shortened(Object value) {
    String text = String.valueOf(value);
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }

  private static IntStream lengthsBelow(int length) {
    if (length <= SMALL_PAYLOAD_BYTES) {
      return IntStream.range(0, length);
    }
    IntStream spread =
        IntStream.range(0, LENGTHS_OF_LARGE_PAYLOADS)
            .map(i -> (int) ((long) length * i / LENGTHS_OF_LARGE_PAYLOADS));
    return IntStream.concat(spread, IntStream.of(1, 2, length - 2, length - 1));
  }

  /** Returns the samples for what is repeated many times. */
  private List<V> small() {
    List<V> small =
        samples.stream().filter(v -> codec.encode(v).length <= SMALL_PAYLOAD_BYTES).toList();
    assertThat(small).as("samples of up to %d bytes", SMALL_PAYLOAD_BYTES).isNotEmpty();
    return small;
  }
}
