package io.cacheaside.testkit;

import static io.cacheaside.testkit.TcpProxy.Direction.TO_CLIENT;
import static io.cacheaside.testkit.TcpProxy.Direction.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class TcpProxyTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  private static RedisServer server;
  private TcpProxy proxy;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
  }

  @AfterAll
  static void closeServer() {
    server.close();
  }

  @BeforeEach
  void startProxy() {
    proxy = TcpProxy.to(server);
  }

  @AfterEach
  void closeProxy() {
    proxy.close();
    proxy.close();
    server.command("FLUSHALL");
  }

  @Test
  void passesEverythingOnAndCounts() throws Exception {
    String large = "x".repeat(5_000_000);
    try (RespClient client = connect(LIMIT)) {
      assertThat(client.call("PING")).isEqualTo("PONG");
      assertThat(proxy.bytes(TO_SERVER)).isEqualTo("*1\r\n$4\r\nPING\r\n".length());
      assertThat(proxy.bytes(TO_CLIENT)).isEqualTo("+PONG\r\n".length());
      assertThat(client.call("SET", "k", large)).isEqualTo("OK");
      assertThat(client.call("GET", "k")).isEqualTo(large);
      assertThat(proxy.openConnections()).isEqualTo(1);
    }
    await("the end of the connection", () -> proxy.openConnections() == 0);
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
    assertThat(server.uri(proxy)).isEqualTo("redis://127.0.0.1:" + proxy.port());
  }

  @Test
  void delayIsAddedToEachDirectionAndEndsWithPass() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      proxy.delay(Duration.ofMillis(30));
      long start = System.nanoTime();
      client.call("PING");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(60));

      proxy.delay(TO_CLIENT, Duration.ofHours(1));
      var reply = callLater(client, "INCR", "n");
      await("the command's effect", () -> "1".equals(server.command("GET", "n")));
      assertThat(reply).isNotDone();
      proxy.pass();
      assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo(1L);
    }
  }

  @Test
  void heldCommandIsExecutedWhenTheLinkRecovers() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      proxy.hold();
      var reply = callLater(client, "SET", "k", "v");
      assertThat(server.command("GET", "k")).isNull();
      assertThat(reply).isNotDone();
      proxy.pass();
      assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo("OK");
    }
  }

  @Test
  void heldReplyLeavesTheCommandExecuted() throws Exception {
    try (RespClient client = connect(SHORT)) {
      proxy.hold(TO_CLIENT);
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() -> client.call("SET", "k", "v"));
      assertThat(server.command("GET", "k")).isEqualTo("v");
    }
  }

  @Test
  void blackHoleLosesBytesForGoodAndKeepsConnectionsOpen() throws Exception {
    try (RespClient lost = connect(SHORT);
        RespClient idle = connect(LIMIT)) {
      idle.call("PING");
      proxy.blackHole();
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() -> lost.call("SET", "k", "v"));
      proxy.pass();
      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> lost.call("PING"));
      assertThat(idle.call("GET", "k")).isNull();
      assertThat(proxy.openConnections()).isEqualTo(2);
    }
  }

  @Test
  void blackHoleHidesTheServersEnd() throws Exception {
    try (RespClient client = connect(SHORT)) {
      client.call("PING");
      proxy.blackHole(TO_CLIENT);
      server.command("CLIENT", "KILL", "TYPE", "normal");
      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> client.call("PING"));
    }
  }

  @Test
  void endOfOneSideReachesTheOther() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      client.call("PING");
      server.command("CLIENT", "KILL", "TYPE", "normal");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> client.call("PING"))
          .isInstanceOfAny(EOFException.class, SocketException.class);
    }
  }

  @Test
  void resetEndsConnectionsButAcceptsNewOnes() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      var blocked = callLater(client, "BLPOP", "list", "0");
      await("the command", () -> proxy.bytes(TO_SERVER) > 0);
      proxy.resetAll();
      assertThat(blocked)
          .failsWithin(LIMIT)
          .withThrowableThat()
          .havingRootCause()
          .isInstanceOf(SocketException.class)
          .withMessageContaining("reset");
    }
    try (RespClient client = connect(LIMIT)) {
      assertThat(client.call("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void downRefusesConnectionsUntilUp() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      client.call("PING");
      proxy.down();
      proxy.down();
      assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.call("PING"));
      assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(LIMIT));
    }
    proxy.up();
    proxy.up();
    try (RespClient client = connect(LIMIT)) {
      assertThat(client.call("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void clientOfAServerThatIsDownIsReset() {
    try (TcpProxy nowhere = TcpProxy.to("127.0.0.1", FreePorts.take())) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(
              () -> {
                try (RespClient client =
                    RespClient.connect(nowhere.host(), nowhere.port(), LIMIT)) {
                  client.call("PING");
                }
              })
          .isInstanceOfAny(EOFException.class, SocketException.class);
    }
  }

  @Test
  void closedWhileHoldingEndsAllThreads() throws Exception {
    try (RespClient client = connect(LIMIT)) {
      proxy.hold();
      var reply = callLater(client, "PING");
      proxy.close();
      assertThat(reply).failsWithin(LIMIT);
      assertThatIllegalStateException().isThrownBy(proxy::up).withMessageContaining("closed");
    }
  }

  private RespClient connect(Duration timeout) throws IOException {
    return RespClient.connect(proxy.host(), proxy.port(), timeout);
  }

  private static CompletableFuture<@Nullable Object> callLater(
      RespClient client, String... command) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return client.call(command);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(LIMIT, () -> "no sign of " + what, condition);
  }
}
