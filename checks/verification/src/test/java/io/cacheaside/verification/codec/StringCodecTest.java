package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.testkit.CodecContract;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StringCodecTest extends CodecContract<String> {

  @Override
  protected Codec<String> codec() {
    return Codec.string();
  }

  @Override
  protected List<String> samples() {
    return Stream.concat(Texts.ALL.stream(), Stream.of(Texts.ofTenMegabytes())).toList();
  }

  @ParameterizedTest
  @MethodSource("unpairedSurrogates")
  void refusesTextWithoutAnExactForm(String text) {
    assertThatThrownBy(() -> codec().encode(text)).isInstanceOf(CodecException.class);
  }

  static List<String> unpairedSurrogates() {
    return Texts.UNPAIRED_SURROGATES;
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    ByteBuffer latin1 = ByteBuffer.wrap(new byte[] {'c', 'a', 'f', (byte) 0xe9});
    assertThatThrownBy(() -> codec().decode(latin1)).isInstanceOf(CodecException.class);
  }
}
