package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
@Tag("full")
class RedisServerTlsTest {

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";

  private static TestCertificates certificates;

  @BeforeAll
  static void generate() {
    certificates = TestCertificates.generate();
  }

  @AfterAll
  static void remove() {
    certificates.close();
    certificates.close();
  }

  @ParameterizedTest
  @MethodSource(BINARIES)
  void clientThatTrustsTheAuthorityIsAnswered(ServerBinary binary) throws Exception {
    try (RedisServer server = RedisServer.builder().binary(binary).tls(certificates).start();
        RespClient client = connect(server, certificates, null)) {
      assertThat(client.call("PING")).isEqualTo("PONG");
      assertThat(server.tlsUri()).isEqualTo("rediss://127.0.0.1:" + server.tlsPort());
      assertThat(server.tlsPort()).isNotEqualTo(server.port());
    }
  }

  @Test
  void anotherAuthorityIsNotTrusted() {
    try (TestCertificates others = TestCertificates.generate();
        RedisServer server = RedisServer.builder().tls(certificates).start()) {
      assertThatExceptionOfType(SSLHandshakeException.class)
          .isThrownBy(() -> connect(server, others, null));
    }
  }

  @ParameterizedTest
  @MethodSource(BINARIES)
  void mutualTlsDemandsTheClientCertificate(ServerBinary binary) throws Exception {
    try (RedisServer server = RedisServer.builder().binary(binary).mutualTls(certificates).start();
        RespClient known = connect(server, certificates, certificates)) {
      assertThat(known.call("PING")).isEqualTo("PONG");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> connect(server, certificates, null).call("PING"))
          .isInstanceOfAny(SSLException.class, SocketException.class);
    }
  }

  private static RespClient connect(
      RedisServer server, TestCertificates trusted, @Nullable TestCertificates own)
      throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        own == null ? null : keys(own).getKeyManagers(), trust(trusted).getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(server.host(), server.tlsPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
      return new RespClient(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static TrustManagerFactory trust(TestCertificates of)
      throws GeneralSecurityException, IOException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(KeyStore.getInstance(of.trustStore().toFile(), of.storePassword().toCharArray()));
    return factory;
  }

  private static KeyManagerFactory keys(TestCertificates of)
      throws GeneralSecurityException, IOException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    char[] password = of.storePassword().toCharArray();
    factory.init(KeyStore.getInstance(of.keyStore().toFile(), password), password);
    return factory;
  }
}
