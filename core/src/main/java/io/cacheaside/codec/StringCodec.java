package io.cacheaside.codec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text as strict UTF-8: what cannot be converted exactly is an error, not a question mark. */
enum StringCodec implements Codec<String> {
  INSTANCE;

  private static final char REPLACEMENT = '\uFFFD';

  @Override
  public byte[] encode(String value) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
      return Arrays.copyOfRange(bytes.array(), bytes.arrayOffset(), bytes.limit());
    } catch (CharacterCodingException e) {
      throw new CodecException("The text has an unpaired surrogate and no exact UTF-8 form", e);
    }
  }

  /** What is not UTF-8 becomes a replacement character: text without one was UTF-8. */
  @Override
  public String decode(ByteBuffer payload) {
    int from = payload.arrayOffset() + payload.position();
    String text = new String(payload.array(), from, payload.remaining(), StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeStrictly(payload);
  }

  private static String decodeStrictly(ByteBuffer payload) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
    } catch (CharacterCodingException e) {
      throw new CodecException("The payload is not UTF-8", e);
    }
  }

  @Override
  public String toString() {
    return "Codec[String]";
  }
}
