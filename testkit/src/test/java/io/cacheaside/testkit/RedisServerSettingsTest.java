package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
class RedisServerSettingsTest {

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Test
  void passwordIsAskedForAndStandsInTheUriButNotInTheText() throws Exception {
    String password = "p@ss \"word\" %/";
    try (RedisServer server = RedisServer.builder().password(password).start();
        RespClient client = RespClient.connect(server.host(), server.port(), TIMEOUT)) {
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(() -> client.call("PING"))
          .withMessageStartingWith("NOAUTH");
      assertThat(client.call("AUTH", password)).isEqualTo("OK");
      assertThat(server.uri())
          .isEqualTo("redis://:p%40ss%20%22word%22%20%25%2F@127.0.0.1:" + server.port());
      assertThat(server.toString()).doesNotContain("p@ss");
    }
  }

  @ParameterizedTest
  @MethodSource(BINARIES)
  void aclUserMayDoWhatItsRulesSayAndTheTestEverything(ServerBinary binary) throws Exception {
    RedisServer.Builder settings =
        RedisServer.builder()
            .binary(binary)
            .config("user default off")
            .user("cache", "secret", "~cache:*", "+get", "+set");
    try (RedisServer server = settings.start();
        RespClient client = RespClient.connect(server.host(), server.port(), TIMEOUT)) {
      client.call("AUTH", "cache", "secret");
      assertThat(client.call("SET", "cache:k", "v")).isEqualTo("OK");
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(() -> client.call("SET", "other:k", "v"))
          .withMessageStartingWith("NOPERM");
      assertThat(server.command("GET", "cache:k")).isEqualTo("v");
    }
  }

  @Test
  void memoryIsLimited() {
    try (RedisServer server =
        RedisServer.builder().maxMemory(2 * 1024 * 1024, "noeviction").start()) {
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(
              () -> {
                for (int i = 0; i < 10; i++) {
                  server.command("SET", "k" + i, "x".repeat(1024 * 1024));
                }
              })
          .withMessageStartingWith("OOM");
    }
  }

  @ParameterizedTest
  @MethodSource(BINARIES)
  void replicaIsInStepWhenStartedWhateverTheMastersPassword(ServerBinary binary) {
    try (RedisServer master = RedisServer.builder().binary(binary).password("secret").start()) {
      master.command("SET", "k", "v");
      try (RedisServer replica = RedisServer.builder().binary(binary).replicaOf(master).start()) {
        assertThat(replica.command("GET", "k")).isEqualTo("v");
        assertThatExceptionOfType(CommandFailedException.class)
            .isThrownBy(() -> replica.command("SET", "k", "w"))
            .withMessageStartingWith("READONLY");
      }
    }
  }

  @Test
  void commandsAreCounted() {
    try (RedisServer server = RedisServer.start()) {
      assertThat(server.commandCalls("get")).isZero();
      server.command("GET", "k");
      server.command("GET", "k");
      server.command("CLIENT", "KILL", "TYPE", "normal");
      assertThat(server.commandCalls("GET")).isEqualTo(2);
      assertThat(server.commandCalls("client|kill")).isEqualTo(1);
      server.command("CONFIG", "RESETSTAT");
      assertThat(server.commandCalls("get")).isZero();
    }
  }

  @Test
  void wrongSettingIsToldWithTheServersWords() {
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisServer.builder().config("maxmemory lots").start())
        .withMessageContaining("ended at once")
        .withMessageContaining("maxmemory lots");
  }

  @Test
  void portThatSomebodyElseHasIsTold() {
    try (RedisServer other = RedisServer.start()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> RedisServer.builder().config("port " + other.port()).start())
          .withMessageContaining("Failed listening on port");
    }
  }

  @Test
  void tlsPortIsOnlyThereWhenAskedFor() {
    try (RedisServer server = RedisServer.start()) {
      assertThatIllegalStateException()
          .isThrownBy(server::tlsUri)
          .withMessageContaining("tls(certificates)");
    }
  }
}
