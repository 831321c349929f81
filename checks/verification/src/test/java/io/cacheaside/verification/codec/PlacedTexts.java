package io.cacheaside.verification.codec;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;

/** Texts that are readable in the place for which they were written and nowhere else. */
final class PlacedTexts implements Codec<String> {

  @Override
  public byte[] encode(String value) {
    return encode(value, "");
  }

  @Override
  public byte[] encode(String value, String place) {
    return Codec.string().encode(place + "\n" + value);
  }

  @Override
  public String decode(ByteBuffer payload) {
    return decode(payload, "");
  }

  @Override
  public String decode(ByteBuffer payload, String place) {
    String text = Codec.string().decode(payload);
    if (!text.startsWith(place + "\n")) {
      throw new CodecException("written for another place");
    }
    return text.substring(place.length() + 1);
  }
}
