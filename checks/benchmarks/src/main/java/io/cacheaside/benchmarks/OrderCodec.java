package io.cacheaside.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.redisson.client.codec.BaseCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.Decoder;
import org.redisson.client.protocol.Encoder;

/** The codec of all, as Redisson needs it. */
final class OrderCodec extends BaseCodec {
  @Override
  public Decoder<Object> getValueDecoder() {
    return (buffer, state) -> decode(buffer);
  }

  @Override
  public Encoder getValueEncoder() {
    return order -> Unpooled.wrappedBuffer(Order.CODEC.encode((Order) order));
  }

  @Override
  public Decoder<Object> getMapKeyDecoder() {
    return StringCodec.INSTANCE.getMapKeyDecoder();
  }

  @Override
  public Encoder getMapKeyEncoder() {
    return StringCodec.INSTANCE.getMapKeyEncoder();
  }

  private static Order decode(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return Order.CODEC.decode(ByteBuffer.wrap(bytes));
  }
}
