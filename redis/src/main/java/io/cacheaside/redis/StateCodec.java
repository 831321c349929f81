package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.ToByteBufEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;

/** Writes a key as the prefix of the store and UTF-8; a value is bytes already. */
final class StateCodec implements RedisCodec<String, byte[]>, ToByteBufEncoder<String, byte[]> {
  private final byte[] prefix;

  StateCodec(String prefix) {
    this.prefix = prefix.getBytes(UTF_8);
  }

  @Override
  public ByteBuffer encodeKey(String key) {
    byte[] rest = key.getBytes(UTF_8);
    return ByteBuffer.allocate(prefix.length + rest.length).put(prefix).put(rest).flip();
  }

  @Override
  public void encodeKey(String key, ByteBuf target) {
    target.writeBytes(prefix);
    ByteBufUtil.writeUtf8(target, key);
  }

  @Override
  public String decodeKey(ByteBuffer bytes) {
    return UTF_8.decode(bytes.position(bytes.position() + prefix.length)).toString();
  }

  @Override
  public ByteBuffer encodeValue(byte[] value) {
    return ByteBuffer.wrap(value);
  }

  @Override
  public void encodeValue(byte[] value, ByteBuf target) {
    target.writeBytes(value);
  }

  @Override
  public byte[] decodeValue(ByteBuffer bytes) {
    byte[] value = new byte[bytes.remaining()];
    bytes.get(value);
    return value;
  }

  @Override
  public int estimateSize(Object keyOrValue) {
    return keyOrValue instanceof String key
        ? prefix.length + ByteBufUtil.utf8Bytes(key)
        : ((byte[]) keyOrValue).length;
  }

  @Override
  public boolean isEstimateExact() {
    return true;
  }
}
