package io.cacheaside.codec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A codec that compresses what another codec encodes, where that pays.
 *
 * <p>The first byte of a payload says what follows: 0 the bytes of the other codec as they are, 1
 * the same bytes compressed. Compressed is what has more than {@code thresholdBytes} and gets
 * smaller by it, so a payload is never more than that one byte larger than it was.
 *
 * <p><b>Limits.</b> A payload says nothing reliable about how much comes out of it. Decompression
 * therefore runs in steps, takes memory only for what has come out so far, and stops with a {@link
 * CodecException} beyond {@code maxDecompressedBytes}. A value that encodes to more than that is
 * refused when it is encoded, compressible or not.
 *
 * <p>All payloads that are decompressed at the same time in a JVM together take at most an eighth
 * of its {@linkplain Runtime#maxMemory() memory}, in addition to 64 KiB for each. Beyond that,
 * decoding fails with a {@link CodecException}, so that a cache loads the value instead. One
 * payload alone is always decompressed.
 *
 * <p><b>Errors.</b> Payloads that are truncated, damaged, of another algorithm or followed by
 * further bytes are {@link CodecException}s. What the other codec throws passes unchanged.
 *
 * <p>A subclass is thread-safe if its two methods and the other codec are. The place of a value is
 * handed on to the other codec.
 *
 * @param <V> the values; never null
 */
public abstract class CompressingCodec<V> implements Codec<V> {

  /** The threshold where none is given: 1 KiB. Below it there is little to gain. */
  public static final int DEFAULT_THRESHOLD_BYTES = 1 << 10;

  /** The limit where none is given: 64 MiB. */
  public static final int DEFAULT_MAX_DECOMPRESSED_BYTES = 1 << 26;

  private static final byte PLAIN = 0;
  private static final byte COMPRESSED = 1;

  private final Codec<V> codec;
  private final int thresholdBytes;
  private final int maxDecompressedBytes;

  /**
   * Creates a codec on top of another one.
   *
   * @param thresholdBytes how many bytes are left as they are; zero or more
   * @param maxDecompressedBytes how many bytes a payload may decompress to; positive
   * @throws IllegalArgumentException if a number is out of its range
   */
  protected CompressingCodec(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes) {
    this.codec = Objects.requireNonNull(codec, "codec");
    this.thresholdBytes = atLeast(0, "thresholdBytes", thresholdBytes);
    this.maxDecompressedBytes = atLeast(1, "maxDecompressedBytes", maxDecompressedBytes);
  }

  private static int atLeast(int smallest, String name, int value) {
    if (value < smallest) {
      throw new IllegalArgumentException(
          "%s is %d; it has to be at least %d".formatted(name, value, smallest));
    }
    return value;
  }

  /**
   * Returns the compressed form of some bytes. May be larger than they are.
   *
   * @throws IOException if they cannot be compressed; reported as a {@link CodecException}
   */
  protected abstract byte[] compress(byte[] bytes) throws IOException;

  /**
   * Opens what is between the buffer's position and its limit for reading in its original form.
   *
   * <p>The stream ends only where the compressed form is complete, intact and used up; in every
   * other case opening or reading it fails. It must not allocate by a size that stands in the
   * payload. It is closed after use.
   *
   * @param compressed backed by an accessible array; must not be modified
   * @throws IOException if this is not something {@link #compress} returns; reported, like a {@link
   *     RuntimeException}, as a {@link CodecException}
   */
  protected abstract InputStream decompress(ByteBuffer compressed) throws IOException;

  @Override
  public final byte[] encode(V value) {
    return payload(codec.encode(value));
  }

  /** Hands the place on to the other codec; the compressed form does not depend on it. */
  @Override
  public final byte[] encode(V value, String place) {
    return payload(codec.encode(value, place));
  }

  private byte[] payload(byte[] bytes) {
    if (bytes.length > maxDecompressedBytes) {
      throw new CodecException(
          "The value takes %,d bytes; no more than %,d could be decompressed (maxDecompressedBytes)"
              .formatted(bytes.length, maxDecompressedBytes));
    }
    return bytes.length > thresholdBytes ? smaller(bytes) : flagged(PLAIN, bytes);
  }

  private byte[] smaller(byte[] bytes) {
    byte[] compressed = compressed(bytes);
    return compressed.length < bytes.length
        ? flagged(COMPRESSED, compressed)
        : flagged(PLAIN, bytes);
  }

  private byte[] compressed(byte[] bytes) {
    try {
      return compress(bytes);
    } catch (IOException e) {
      throw new CodecException("The encoded value cannot be compressed", e);
    }
  }

  private static byte[] flagged(byte flag, byte[] bytes) {
    byte[] payload = new byte[1 + bytes.length];
    payload[0] = flag;
    System.arraycopy(bytes, 0, payload, 1, bytes.length);
    return payload;
  }

  @Override
  public final V decode(ByteBuffer payload) {
    return decoded(payload, null);
  }

  /** Hands the place on to the other codec; the compressed form does not depend on it. */
  @Override
  public final V decode(ByteBuffer payload, String place) {
    return decoded(payload, place);
  }

  private V decoded(ByteBuffer payload, @Nullable String place) {
    if (!payload.hasRemaining()) {
      throw new CodecException("The payload is empty; it has to begin with a flag");
    }
    byte flag = payload.get();
    return switch (flag) {
      case PLAIN -> decodedPlain(payload, place);
      case COMPRESSED -> decodedCompressed(payload, place);
      default -> throw new CodecException("The payload begins with the unknown flag " + flag);
    };
  }

  private V decodedPlain(ByteBuffer bytes, @Nullable String place) {
    return place == null ? codec.decode(bytes) : codec.decode(bytes, place);
  }

  private V decodedCompressed(ByteBuffer payload, @Nullable String place) {
    Unpacking unpacking = new Unpacking();
    try {
      return decodedPlain(ByteBuffer.wrap(decompressed(payload, unpacking)), place);
    } finally {
      unpacking.end();
    }
  }

  private byte[] decompressed(ByteBuffer payload, Unpacking unpacking) {
    try (InputStream in = decompress(payload)) {
      byte[] bytes = unpacking.read(in, maxDecompressedBytes);
      if (in.read() < 0) {
        return bytes;
      }
    } catch (CodecException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new CodecException("The payload cannot be decompressed", e);
    }
    throw new CodecException(
        "The payload decompresses to more than %,d bytes (maxDecompressedBytes)"
            .formatted(maxDecompressedBytes));
  }

  /** Returns the name of this class and the other codec: {@code GzipCodec[JsonCodec[User]]}. */
  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + codec + "]";
  }
}
