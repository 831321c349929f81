package io.cacheaside.simulation.world;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;

/**
 * Writes values in one of several shapes and reads no other one, as a strict codec does for the
 * versions of a class that changes while a deployment rolls.
 *
 * @param shape the first character of each payload
 */
record ShapedCodec(char shape) implements Codec<String> {
  private static final Codec<String> TEXT = Codec.string();

  @Override
  public byte[] encode(String value) {
    return TEXT.encode(shape + value);
  }

  @Override
  public String decode(ByteBuffer payload) {
    String text = TEXT.decode(payload);
    if (text.charAt(0) != shape) {
      throw new CodecException("a value of shape " + text.charAt(0) + ", not " + shape);
    }
    return text.substring(1);
  }
}
