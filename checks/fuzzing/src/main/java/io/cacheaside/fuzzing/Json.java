package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;

/** JSON by Jackson 3. */
public final class Json {
  private static final Codec<Document> CODEC = JsonCodec.of(Document.class);

  private Json() {}

  /** See {@link Documents#test}. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Documents.test(CODEC, bytes);
  }
}
