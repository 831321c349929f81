package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.zstd.ZstdCodec;

/** Compression with Zstandard. */
public final class Zstd {
  private static final Compressed TEST =
      new Compressed(codec(Compressed.LIMIT_BYTES), codec(Integer.MAX_VALUE));

  private Zstd() {}

  private static Codec<byte[]> codec(int maxDecompressedBytes) {
    return ZstdCodec.builder(Codec.bytes())
        .thresholdBytes(Compressed.THRESHOLD_BYTES)
        .maxDecompressedBytes(maxDecompressedBytes)
        .build();
  }

  /** See {@link Compressed#test}. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    TEST.test(bytes);
  }
}
