package io.cacheaside.redis;

import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is encrypted, whom it trusts and who it says it is.
 *
 * @param trustStore certificates to trust instead of the JDK's: PEM, PKCS #12 or JKS
 * @param keyStore the certificate and key of the client: PEM with both, PKCS #12 or JKS
 */
@SuppressWarnings("ArrayRecordComponent")
record TlsSettings(
    SslVerifyMode verifyPeer,
    @Nullable Path trustStore,
    char @Nullable [] trustStorePassword,
    @Nullable Path keyStore,
    char @Nullable [] keyStorePassword) {
  private static final String PEM_START = "-----BEGIN ";

  /**
   * Reads the stores, too, so that a wrong file or password is found before the first connection.
   */
  SslOptions sslOptions(Duration handshakeTimeout) {
    SslOptions.Builder options =
        SslOptions.builder().jdkSslProvider().handshakeTimeout(handshakeTimeout);
    try {
      addTrust(options);
      addIdentity(options);
      SslOptions result = options.build();
      result.createSslContextBuilder().build();
      return result;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new IllegalArgumentException(
          "trustStore = %s, keyStore = %s: cannot be used (%s). Check file, format and password"
              .formatted(trustStore, keyStore, e.getMessage()),
          e);
    }
  }

  private void addTrust(SslOptions.Builder options) throws IOException {
    if (trustStore == null) {
      return;
    }
    File file = trustStore.toFile();
    if (isPem(trustStore)) {
      options.trustManager(file);
    } else {
      options.truststore(SslOptions.Resource.from(file), trustStorePassword);
    }
  }

  private void addIdentity(SslOptions.Builder options) throws IOException {
    if (keyStore == null) {
      return;
    }
    File file = keyStore.toFile();
    if (isPem(keyStore)) {
      options.keyManager(file, file, keyStorePassword);
    } else {
      options.keystore(SslOptions.Resource.from(file), keyStorePassword);
    }
  }

  private static boolean isPem(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(PEM_START);
  }

  /** Shows no password. */
  @Override
  public String toString() {
    return "TLS[verifyPeer=%s, trustStore=%s, keyStore=%s]"
        .formatted(verifyPeer, trustStore, keyStore);
  }
}
