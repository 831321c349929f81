package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.GzipCodec;

/** Compression with GZIP. */
public final class Gzip {
  private static final Compressed TEST =
      new Compressed(
          GzipCodec.of(Codec.bytes(), Compressed.THRESHOLD_BYTES, Compressed.LIMIT_BYTES),
          GzipCodec.of(Codec.bytes(), Compressed.THRESHOLD_BYTES, Integer.MAX_VALUE));

  private Gzip() {}

  /** See {@link Compressed#test}. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    TEST.test(bytes);
  }
}
