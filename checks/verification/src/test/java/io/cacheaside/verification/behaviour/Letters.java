package io.cacheaside.verification.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cacheaside.codec.Codec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Lists of letters: values that callers can change. */
final class Letters implements Codec<List<String>> {
  static final Letters CODEC = new Letters();

  private Letters() {}

  static List<String> of(String letters) {
    return new ArrayList<>(List.of(letters.split("")));
  }

  @Override
  public byte[] encode(List<String> letters) {
    return String.join("", letters).getBytes(UTF_8);
  }

  @Override
  public List<String> decode(ByteBuffer payload) {
    return of(UTF_8.decode(payload).toString());
  }
}
