package io.cacheaside.fuzzing;

import io.cacheaside.codec.Codec;
import io.cacheaside.msgpack.MessagePackCodec;

/** MessagePack by Jackson 2. */
public final class MessagePack {
  private static final Codec<Document> CODEC = MessagePackCodec.of(Document.class);

  private MessagePack() {}

  /** See {@link Documents#test}. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Documents.test(CODEC, bytes);
  }
}
