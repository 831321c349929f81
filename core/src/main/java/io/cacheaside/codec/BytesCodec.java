package io.cacheaside.codec;

import java.nio.ByteBuffer;

/** Byte arrays as they are, copied both ways so that nobody shares an array with the store. */
enum BytesCodec implements Codec<byte[]> {
  INSTANCE;

  @Override
  public byte[] encode(byte[] value) {
    return value.clone();
  }

  @Override
  public byte[] decode(ByteBuffer payload) {
    byte[] value = new byte[payload.remaining()];
    payload.get(value);
    return value;
  }

  @Override
  public String toString() {
    return "Codec[byte[]]";
  }
}
