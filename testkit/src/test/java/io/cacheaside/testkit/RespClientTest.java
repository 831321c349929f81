package io.cacheaside.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies of any kind, sent by a socket that is no server. */
class RespClientTest {

  @Test
  void readsEachKindOfReply() throws Exception {
    assertThat(replyTo("+\r\n")).isEqualTo("");
    assertThat(replyTo("+OK\r\n")).isEqualTo("OK");
    assertThat(replyTo(":-12\r\n")).isEqualTo(-12L);
    assertThat(replyTo("$0\r\n\r\n")).isEqualTo("");
    assertThat(replyTo("$4\r\na\r\nb\r\n")).isEqualTo("a\r\nb");
    assertThat(replyTo("$-1\r\n")).isNull();
    assertThat(replyTo("*-1\r\n")).isNull();
    assertThat(replyTo("*0\r\n")).isEqualTo(List.of());
    assertThat(replyTo("*3\r\n*1\r\n:1\r\n$-1\r\n+x\r\n"))
        .isEqualTo(Arrays.asList(List.of(1L), null, "x"));
    assertThatExceptionOfType(CommandFailedException.class)
        .isThrownBy(() -> replyTo("-ERR no\r\n"))
        .withMessage("ERR no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+O", "$5\r\nabc", "*2\r\n+a\r\n"})
  void replyThatEndsEarlyIsAnError(String reply) {
    assertThatExceptionOfType(EOFException.class).isThrownBy(() -> replyTo(reply));
  }

  @Test
  void somethingElseIsAnError() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> replyTo("HTTP/1.1 400\r\n"))
        .withMessageContaining("HTTP");
  }

  @Test
  void silenceEndsWithATimeout() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RespClient client = connect(listener, Duration.ofMillis(50))) {
      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> client.call("PING"));
    }
  }

  private static @Nullable Object replyTo(String bytes) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RespClient client = connect(listener, Duration.ofSeconds(10));
        Socket peer = listener.accept()) {
      peer.getOutputStream().write(bytes.getBytes(UTF_8));
      peer.shutdownOutput();
      return client.call("ANY");
    }
  }

  private static RespClient connect(ServerSocket to, Duration timeout) throws IOException {
    return RespClient.connect(to.getInetAddress().getHostAddress(), to.getLocalPort(), timeout);
  }
}
