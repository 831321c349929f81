package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateCodecTest {
  private final StateCodec codec = new StateCodec("é:");

  @ParameterizedTest
  @ValueSource(strings = {"", "key", "é日\uD83D\uDE00\0\n"})
  void keysArePrefixAndUtf8(String key) {
    ByteBuf buffer = Unpooled.buffer();
    codec.encodeKey(key, buffer);

    assertThat(codec.encodeKey(key)).isEqualTo(ByteBuffer.wrap(("é:" + key).getBytes(UTF_8)));
    assertThat(buffer.toString(UTF_8)).isEqualTo("é:" + key);
    assertThat(codec.estimateSize(key)).isEqualTo(buffer.readableBytes());
    assertThat(codec.decodeKey(codec.encodeKey(key))).isEqualTo(key);
  }

  @Test
  void valuesAreBytes() {
    byte[] value = {0, -1, 13, 10};
    ByteBuf buffer = Unpooled.buffer();
    codec.encodeValue(value, buffer);

    assertThat(codec.decodeValue(codec.encodeValue(value))).isEqualTo(value);
    assertThat(codec.decodeValue(buffer.nioBuffer())).isEqualTo(value);
    assertThat(codec.estimateSize(value)).isEqualTo(4);
  }
}
