package io.cacheaside.verification.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The check of a header ties it to its key, by a hash of the UTF-8 form that anybody can compute.
 */
@Tag("edge")
class KeyCheckTest {
  private static final int CHECK_OFFSET = 44;

  private static long fnv1a(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
    }
    return hash;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42",
        "\u007F",
        "\u0080",
        "\u07FF",
        "\u0800",
        "\uD7FF",
        "\uE000",
        "\uFFFF",
        "\uD800\uDC00",
        "\uDBFF\uDFFF",
        "a\u00E9\u6771\uD83D\uDE00z"
      })
  void theHashIsThatOfTheUtf8Form(String key) {
    InMemoryStore store = InMemoryStore.create();
    try (CacheAside<String, String> users =
        CacheAside.builder("users", Codec.string()).store(store).build()) {
      users.put(key, "Ada");
    }
    byte[] state = store.read("users:" + key).toCompletableFuture().join();
    CRC32C crc = new CRC32C();
    crc.update(Objects.requireNonNull(state), 0, CHECK_OFFSET);
    long hash = fnv1a("users:" + key);

    assertThat(ByteBuffer.wrap(state).getInt(CHECK_OFFSET))
        .isEqualTo((int) crc.getValue() ^ (int) (hash >>> 32) ^ (int) hash);
  }
}
