package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelloTest {
  private static final RedisSettings SETTINGS = RedisStore.builder().settings();

  @ParameterizedTest
  @CsvSource({
    "redis, 7.0.0",
    "redis, 7.4.1",
    "redis, 8.0.2",
    "redis, 10.1",
    "valkey, 7.2.4",
    "valkey, 8.1.1"
  })
  void theseAreNewEnough(String server, String version) {
    assertThatCode(() -> new Hello(server, version, "standalone", "master").check(SETTINGS))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"redis, 6.2.14", "redis, 5.0", "redis, 7", "redis, unknown", "valkey, 7.1.9"})
  void theseAreNot(String server, String version) {
    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(() -> new Hello(server, version, "standalone", "master").check(SETTINGS))
        .withMessage(
            "redis://localhost:6379 is %s %s: too old. It needs Redis 7.0, Valkey 7.2, or newer",
            server, version);
  }

  @Test
  void theAnswerIsReadFlatOrNested() {
    List<Object> pairs =
        List.of(bytes("server"), "redis", "version", bytes("7.0.15"), "id", 7L, "role", "replica");

    assertThat(Hello.of(pairs)).isEqualTo(new Hello("redis", "7.0.15", "standalone", "replica"));
    assertThat(Hello.of(List.of(pairs))).isEqualTo(Hello.of(pairs));
    assertThat(Hello.of(pairs).isPrimary()).isFalse();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
