package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
class RedisServerTest {

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";

  @ParameterizedTest
  @MethodSource(BINARIES)
  void startedServerAnswersAndEndsWithClose(ServerBinary binary) {
    RedisServer server = RedisServer.start(binary);
    try (server) {
      assertThat(server.command("SET", "ключ", "värde 値")).isEqualTo("OK");
      assertThat(server.command("GET", "ключ")).isEqualTo("värde 値");
      assertThat(server.uri()).isEqualTo("redis://127.0.0.1:" + server.port());
      assertThat(server.port()).isLessThanOrEqualTo(55_535);
      assertThat(server.info("server")).containsEntry("process_id", String.valueOf(server.pid()));
    }
    assertThat(server.isRunning()).isFalse();
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> server.command("PING"))
        .withMessageContaining("PING");
    assertThatIllegalStateException().isThrownBy(server::restart).withMessageContaining("closed");
    server.close();
  }

  @Test
  void repliesKeepTheirTypes() {
    try (RedisServer server = RedisServer.start()) {
      assertThat(server.command("GET", "absent")).isNull();
      assertThat(server.command("INCR", "n")).isEqualTo(1L);
      assertThat(server.command("MGET", "n", "absent")).isEqualTo(Arrays.asList("1", null));
      assertThat(server.command("EVAL", "return {1, {'a'}, {err='ERR b'}}", "0"))
          .satisfies(
              reply -> {
                List<?> list = (List<?>) reply;
                assertThat(list.get(0)).isEqualTo(1L);
                assertThat(list.get(1)).isEqualTo(List.of("a"));
                assertThat(list.get(2)).isInstanceOf(CommandFailedException.class);
              });
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(() -> server.command("LPUSH", "n", "x"))
          .withMessageStartingWith("WRONGTYPE");
    }
  }

  @Test
  void exitIsKnownWhateverItsCause() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      var crash = server.onExit();
      assertThat(crash).isNotDone();
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> server.command("DEBUG", "SEGFAULT"));
      assertThat(crash.get(10, TimeUnit.SECONDS)).isEqualTo(139);
      assertThat(server.isRunning()).isFalse();

      server.restart();
      var killed = server.onExit();
      server.kill();
      assertThat(killed.get(10, TimeUnit.SECONDS)).isEqualTo(137);

      server.restart();
      var stopped = server.onExit();
      server.stop();
      assertThat(stopped.get(10, TimeUnit.SECONDS)).isZero();
      server.stop();
      server.kill();
    }
  }

  @Test
  void restartKeepsThePortAndConfiguredData() {
    try (RedisServer server = RedisServer.builder().config("appendonly yes").start()) {
      server.command("SET", "k", "v");
      long before = server.pid();
      int port = server.port();
      server.restart();
      assertThat(server.port()).isEqualTo(port);
      assertThat(server.pid()).isNotEqualTo(before);
      assertThat(server.command("GET", "k")).isEqualTo("v");
    }
  }

  @Test
  void frozenServerAnswersAfterThaw() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      server.freeze();
      var waiting = CompletableFuture.supplyAsync(() -> server.command("PING"));
      assertThat(server.isRunning()).isTrue();
      assertThat(waiting).isNotDone();
      server.thaw();
      assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("PONG");
      server.freeze();
      server.stop();
      assertThat(server.isRunning()).isFalse();
      server.restart();
      server.freeze();
    }
  }
}
