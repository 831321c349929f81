package io.cacheaside.verification.codec;

import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.CodecContract;
import java.util.List;
import java.util.Random;

class BytesCodecTest extends CodecContract<byte[]> {

  @Override
  protected Codec<byte[]> codec() {
    return Codec.bytes();
  }

  @Override
  protected List<byte[]> samples() {
    byte[] large = new byte[10_000_000];
    new Random(1).nextBytes(large);
    return List.of(new byte[0], new byte[] {0}, new byte[] {-1, 0, 1}, large);
  }
}
