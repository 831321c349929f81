package io.cacheaside.zstd;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CompressingCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compression with Zstandard (RFC 8878): faster and smaller than GZIP, and with a dictionary also
 * worth while for small values.
 *
 * <p>The compressed form is exactly one frame with its checksum, which is verified. What the frame
 * says about the size of its content is not relied on, and the window it asks for, memory outside
 * the heap, may not be larger than {@code maxDecompressedBytes} rounded up to a power of two.
 * Thread-safe; does not block.
 *
 * <p>The algorithm is native code, for which the library in use brings binaries and unpacks one
 * into the folder for temporary files. Where that is impossible, {@link #builder} fails.
 *
 * @param <V> the values; never null
 */
public final class ZstdCodec<V> extends CompressingCodec<V> {
  private static final int SMALLEST_WINDOW_LOG = 10;
  private static final int LARGEST_WINDOW_LOG = 27;

  private final int level;
  private final int maxWindowLog;
  private final @Nullable Dictionary dictionary;

  private ZstdCodec(Builder<V> builder) {
    super(builder.codec, builder.thresholdBytes(), builder.maxDecompressedBytes);
    level = builder.level;
    maxWindowLog = windowLog(builder.maxDecompressedBytes);
    dictionary = builder.dictionary == null ? null : new Dictionary(builder.dictionary, level);
  }

  /** Returns the logarithm of the largest window that frames of so much content can ask for. */
  private static int windowLog(int contentBytes) {
    int log = Integer.SIZE - Integer.numberOfLeadingZeros(contentBytes - 1);
    return Math.max(SMALLEST_WINDOW_LOG, Math.min(log, LARGEST_WINDOW_LOG));
  }

  /** Returns a codec that compresses what has more than 1 KiB, and decompresses up to 64 MiB. */
  public static <V> ZstdCodec<V> of(Codec<V> codec) {
    return builder(codec).build();
  }

  /**
   * Returns a builder of a codec on top of another one.
   *
   * @throws LinkageError if there is no native library for this system or it cannot be loaded
   */
  public static <V> Builder<V> builder(Codec<V> codec) {
    return new Builder<>(codec);
  }

  @Override
  protected byte[] compress(byte[] bytes) throws IOException {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setChecksum(true).setLevel(level);
      if (dictionary != null) {
        context.loadDict(dictionary.forCompression);
      }
      return context.compress(bytes);
    } catch (ZstdException e) {
      throw new IOException("Zstandard failed", e);
    }
  }

  @Override
  protected InputStream decompress(ByteBuffer compressed) throws IOException {
    int offset = compressed.arrayOffset() + compressed.position();
    int size = compressed.remaining();
    if (Zstd.findFrameCompressedSize(compressed.array(), offset, size) != size) {
      throw new IOException("Not one Zstandard frame and nothing else");
    }
    return open(new ByteArrayInputStream(compressed.array(), offset, size));
  }

  private InputStream open(InputStream frame) throws IOException {
    ZstdInputStreamNoFinalizer in =
        new ZstdInputStreamNoFinalizer(frame, RecyclingBufferPool.INSTANCE);
    in.setLongMax(maxWindowLog);
    if (dictionary != null) {
      in.setDict(dictionary.forDecompression);
    }
    return in;
  }

  /** The two prepared forms of a dictionary. Native memory, released when nobody refers to it. */
  private static final class Dictionary {
    private final ZstdDictCompress forCompression;
    private final ZstdDictDecompress forDecompression;

    Dictionary(byte[] bytes, int level) {
      forCompression = new ZstdDictCompress(bytes, level);
      forDecompression = new ZstdDictDecompress(bytes);
    }
  }

  /**
   * Options of a {@link ZstdCodec}. Not thread-safe; can be used again after {@link #build}.
   *
   * @param <V> the values; never null
   */
  public static final class Builder<V> {
    private static final int DICTIONARY_THRESHOLD_BYTES = 64;

    private final Codec<V> codec;
    private int level = Zstd.defaultCompressionLevel();
    private @Nullable Integer thresholdBytes;
    private int maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES;
    private byte @Nullable [] dictionary;

    private Builder(Codec<V> codec) {
      this.codec = Objects.requireNonNull(codec, "codec");
    }

    /**
     * Sets the effort: from 1 (fast) to 22 (small, slow and hungry for memory); negative levels are
     * faster still. Default: 3. Payloads of every level can be read at any level.
     *
     * @throws IllegalArgumentException if Zstandard has no such level
     */
    public Builder<V> level(int level) {
      int lowest = Zstd.minCompressionLevel();
      int highest = Zstd.maxCompressionLevel();
      if (level < lowest || level > highest) {
        throw new IllegalArgumentException(
            "level is %d; it has to be from %d to %d".formatted(level, lowest, highest));
      }
      this.level = level;
      return this;
    }

    /**
     * Sets how many bytes are left as they are; zero or more. Default: 1 KiB, with a dictionary 64
     * bytes.
     */
    public Builder<V> thresholdBytes(int thresholdBytes) {
      this.thresholdBytes = thresholdBytes;
      return this;
    }

    /** Sets how many bytes a payload may decompress to; positive. Default: 64 MiB. */
    public Builder<V> maxDecompressedBytes(int maxDecompressedBytes) {
      this.maxDecompressedBytes = maxDecompressedBytes;
      return this;
    }

    /**
     * Sets a dictionary: one trained with {@code zstd --train}, or simply text that values have in
     * common. Default: none.
     *
     * <p>It is part of the format: what was compressed with another one, or with none, reads as an
     * error, so a change of the dictionary turns the compressed values in a cache into misses.
     *
     * @param dictionary copied; not empty
     * @throws IllegalArgumentException if it is empty
     */
    public Builder<V> dictionary(byte[] dictionary) {
      if (dictionary.length == 0) {
        throw new IllegalArgumentException("dictionary is empty; leave it out for none");
      }
      this.dictionary = dictionary.clone();
      return this;
    }

    private int thresholdBytes() {
      if (thresholdBytes != null) {
        return thresholdBytes;
      }
      return dictionary == null ? DEFAULT_THRESHOLD_BYTES : DICTIONARY_THRESHOLD_BYTES;
    }

    /**
     * Returns the codec.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public ZstdCodec<V> build() {
      return new ZstdCodec<>(this);
    }
  }
}
