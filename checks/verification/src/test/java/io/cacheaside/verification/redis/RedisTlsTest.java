package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.patient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.config.Configuration;
import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import io.cacheaside.testkit.TestCertificates;
import io.lettuce.core.SslVerifyMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections with TLS, and what goes wrong with them. */
@Tag("tls")
class RedisTlsTest {
  private static TestCertificates certificates;
  private static TestCertificates strangers;
  private static RedisServer server;
  private static RedisServer mutual;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    certificates = TestCertificates.generate();
    strangers = TestCertificates.generate();
    server = RedisServer.builder().tls(certificates).start();
    mutual = RedisServer.builder().mutualTls(certificates).start();
  }

  @AfterAll
  static void stop() {
    server.close();
    mutual.close();
    certificates.close();
    strangers.close();
  }

  private static RedisStoreBuilder to(RedisServer server) {
    return patient().uri(server.tlsUri());
  }

  private static RedisStoreBuilder trusting(RedisStoreBuilder builder, TestCertificates trusted) {
    return builder
        .trustStore(trusted.trustStore())
        .trustStorePassword(trusted.storePassword().toCharArray());
  }

  private static void assertWorks(RedisStoreBuilder builder) throws Exception {
    try (RedisStore store = builder.connect()) {
      await(store.put("tls:1", bytes("state"), TTL));
      assertThat(await(store.read("tls:1"))).isEqualTo(bytes("state"));
      assertThat(await(store.removeMatching("tls:", "*"))).isEqualTo(1);
    }
  }

  private static void assertTlsFails(RedisStoreBuilder builder, String... messages) {
    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(builder::connect)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED))
        .withMessageContainingAll(messages);
  }

  @Test
  void aTrustStoreIsUsed() throws Exception {
    assertWorks(trusting(to(server), certificates));
  }

  @Test
  void aTrustedCertificateMayBePem() throws Exception {
    assertWorks(to(server).trustStore(certificates.authority()));
  }

  @Test
  void aClientIdentifiesItself() throws Exception {
    assertWorks(
        trusting(to(mutual), certificates)
            .keyStore(certificates.keyStore())
            .keyStorePassword(certificates.storePassword().toCharArray()));
  }

  @Test
  void aClientIdentifiesItselfWithPem() throws Exception {
    Path identity = folder.resolve("client.pem");
    Files.writeString(
        identity,
        Files.readString(certificates.clientCertificate())
            + Files.readString(certificates.clientKey()));

    assertWorks(to(mutual).trustStore(certificates.authority()).keyStore(identity));
  }

  @Test
  void propertiesConfigureTls() throws Exception {
    String prefix = "cache-aside.redis.";
    assertWorks(
        patient()
            .configuration(
                Configuration.of(
                    Map.of(
                        prefix + "host", mutual.host(),
                        prefix + "port", Integer.toString(mutual.tlsPort()),
                        prefix + "tls", "true",
                        prefix + "verify-peer", "ca",
                        prefix + "trust-store", certificates.trustStore().toString(),
                        prefix + "trust-store-password", certificates.storePassword(),
                        prefix + "key-store", certificates.keyStore().toString(),
                        prefix + "key-store-password", certificates.storePassword()))));
  }

  @Test
  void aConnectionComesBack() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(server.host(), server.tlsPort());
        RedisStore store =
            trusting(patient(), certificates)
                .host(proxy.host())
                .port(proxy.port())
                .tls(true)
                .connect()) {
      await(store.ping());

      proxy.resetAll();

      awaitUsable(store, "key");
    }
  }

  @Test
  @Tag("cluster")
  void theNodesOfAClusterAreSpokenToWithTls() throws Exception {
    try (RedisServer node =
        RedisServer.builder()
            .clusterEnabled()
            .tls(certificates)
            .password("s3cret")
            .config("tls-cluster yes")
            .start()) {
      node.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      eventually().until(() -> node.command("CLUSTER", "INFO").toString().contains("state:ok"));

      assertWorks(
          trusting(patient(), certificates)
              .uri("rediss-cluster://:s3cret@" + node.host() + ":" + node.tlsPort()));
    }
  }

  @Test
  void anUnknownAuthorityIsRefusedAtOnce() {
    assertTlsFails(trusting(to(server), strangers), "TLS failed", "trustStore", server.tlsUri());
  }

  @Test
  void theJdksAuthoritiesAreTrustedByDefault() {
    assertTlsFails(to(server), "TLS failed", "trustStore");
  }

  @Test
  void withoutVerificationAnyCertificateWillDo() throws Exception {
    assertWorks(to(server).verifyPeer(SslVerifyMode.NONE));
  }

  @Test
  void aMissingClientCertificateIsRefusedAtOnce() {
    assertTlsFails(trusting(to(mutual), certificates), "TLS failed", "keyStore");
  }

  @Test
  void aClientCertificateOfAnotherAuthorityIsRefusedAtOnce() {
    assertTlsFails(
        trusting(to(mutual), certificates)
            .keyStore(strangers.keyStore())
            .keyStorePassword(strangers.storePassword().toCharArray()),
        "TLS failed",
        "keyStore");
  }

  /** A plain server mostly waits for more, as a frozen one would. */
  @Test
  void tlsToAPlainPortIsHintedAt() {
    assertTlsFails(
        trusting(RedisStore.builder(), certificates)
            .host(server.host())
            .port(server.port())
            .tls(true)
            .connectTimeout(Duration.ofMillis(500))
            .failFast(),
        "tls");
  }

  /** An encrypting server just ends the connection, as a proxy without one behind it would. */
  @Test
  void noTlsToATlsPortIsHintedAt() {
    assertTlsFails(
        RedisStore.builder().host(server.host()).port(server.tlsPort()).failFast(),
        "tls = false: does it want TLS?");
  }

  @Test
  void aStoreThatCannotBeReadIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> to(server).trustStore(Path.of("no-such-file.p12")).connect())
        .withMessageContaining("trustStore = no-such-file.p12");
  }

  @Test
  void aWrongPasswordOfAStoreIsRefusedAndNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                to(server)
                    .trustStore(certificates.trustStore())
                    .trustStorePassword("wr0ng-p4ss".toCharArray())
                    .connect())
        .withMessageContaining("trustStore = " + certificates.trustStore())
        .withMessageNotContaining("wr0ng-p4ss");
  }

  @Test
  void aTrustStoreWithoutTlsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisStore.builder()
                    .uri(server.uri())
                    .trustStore(certificates.trustStore())
                    .connect())
        .withMessageContaining("tls is false");
  }
}
