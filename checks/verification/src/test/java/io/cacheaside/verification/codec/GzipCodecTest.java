package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.GzipCodec;
import io.cacheaside.zstd.ZstdCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GzipCodecTest extends CompressionContract {

  @Override
  <V> Codec<V> compressed(Codec<V> codec) {
    return codec.gzip();
  }

  @Override
  <V> Codec<V> compressed(Codec<V> codec, int thresholdBytes, int maxDecompressedBytes) {
    return GzipCodec.of(codec, thresholdBytes, maxDecompressedBytes);
  }

  @Override
  OutputStream foreign(OutputStream target) throws IOException {
    return new GZIPOutputStream(target);
  }

  @Test
  void refusesZstandard() {
    assertRefused(ZstdCodec.of(Codec.bytes()).encode(compressible()), "decompressed");
  }

  @Test
  void refusesOptionalFieldsInTheHeader() {
    byte[] payload = Codec.bytes().gzip().encode(compressible());
    int flags = 1 + 3;
    byte[] named = new byte[payload.length + 2];
    System.arraycopy(payload, 0, named, 0, 11);
    System.arraycopy(payload, 11, named, 13, payload.length - 11);
    named[flags] = 8;
    named[11] = 'n';
    assertThat(payload[flags]).isZero();
    assertRefused(named, "decompressed");
  }

  @Test
  void saysWhatItWraps() {
    assertThat(Codec.bytes().gzip()).hasToString("GzipCodec[Codec[byte[]]]");
  }
}
