package io.cacheaside.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * Compression with GZIP (RFC 1952), which the JDK has and every language reads.
 *
 * <p>The compressed form is exactly one GZIP member with a header of ten bytes, that is without
 * optional fields. Its CRC-32 is checked. Thread-safe; does not block.
 *
 * @param <V> the values; never null
 */
public final class GzipCodec<V> extends CompressingCodec<V> {
  private static final int BUFFER_BYTES = 4 << 10;
  private static final int HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;

  private GzipCodec(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes) {
    super(codec, thresholdBytes, maxDecompressedBytes);
  }

  /**
   * Returns a codec that compresses what has more than 1 KiB, and decompresses up to 64 MiB.
   *
   * @see Codec#gzip()
   */
  public static <V> GzipCodec<V> of(Codec<V> codec) {
    return of(codec, DEFAULT_THRESHOLD_BYTES, DEFAULT_MAX_DECOMPRESSED_BYTES);
  }

  /**
   * Returns a codec with limits of its own.
   *
   * @param thresholdBytes how many bytes are left as they are; zero or more
   * @param maxDecompressedBytes how many bytes a payload may decompress to; positive
   * @throws IllegalArgumentException if a number is out of its range
   */
  public static <V> GzipCodec<V> of(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes) {
    return new GzipCodec<>(codec, thresholdBytes, maxDecompressedBytes);
  }

  @Override
  protected byte[] compress(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 2);
    try (OutputStream gzip = new GZIPOutputStream(compressed, BUFFER_BYTES)) {
      gzip.write(bytes);
    }
    return compressed.toByteArray();
  }

  @Override
  protected InputStream decompress(ByteBuffer compressed) throws IOException {
    return new OnlyMember(compressed);
  }

  /** One member and nothing else: the JDK's stream also reads on, and drops what it cannot read. */
  private static final class OnlyMember extends GZIPInputStream {
    private final int memberBytes;

    OnlyMember(ByteBuffer member) throws IOException {
      super(
          new ByteArrayInputStream(
              member.array(), member.arrayOffset() + member.position(), member.remaining()),
          BUFFER_BYTES);
      memberBytes = member.remaining();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      if (count < 0 && HEADER_BYTES + inf.getBytesRead() + TRAILER_BYTES != memberBytes) {
        throw new ZipException("Not one GZIP member without optional fields, and nothing else");
      }
      return count;
    }
  }
}
