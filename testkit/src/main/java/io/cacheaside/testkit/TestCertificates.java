package io.cacheaside.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority made for one test run, and a server and a client certificate signed by
 * it, as files.
 *
 * <p>PEM files are for servers, PKCS#12 stores for Java clients. The server certificate is for
 * {@code localhost} and {@code 127.0.0.1}. All are valid from yesterday to tomorrow. Two instances
 * do not trust each other, which is how to test a wrong certificate.
 *
 * <p>Immutable. The keys are made by the running JDK's {@code keytool}, which takes about a second.
 */
public final class TestCertificates implements AutoCloseable {

  private static final String STORE_PASSWORD = "test-only";
  private static final Base64.Encoder PEM =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final Path folder = Guardian.instance().newFolder("certificates");

  private TestCertificates() throws GeneralSecurityException, IOException {
    keytool("ca", "CN=Test CA", "-ext", "bc:c");
    keytool("server", "CN=localhost", "-signer", "ca", "-ext", "san=dns:localhost,ip:127.0.0.1");
    keytool("client", "CN=test client", "-signer", "ca");
    KeyStore all = KeyStore.getInstance(file("all.p12").toFile(), STORE_PASSWORD.toCharArray());
    writePem(authority(), "CERTIFICATE", all.getCertificate("ca").getEncoded());
    writePair(all, "server", serverCertificate(), serverKey());
    writePair(all, "client", clientCertificate(), clientKey());
    writeTrustStore(all);
    writeKeyStore(all);
  }

  /**
   * Makes new keys and certificates.
   *
   * @throws IllegalStateException {@code keytool} failed; the message has its output
   */
  public static TestCertificates generate() {
    try {
      return new TestCertificates();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot read the generated keys", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot generate certificates", e);
    }
  }

  /** The authority's certificate, PEM. */
  public Path authority() {
    return file("ca.crt");
  }

  /** The server's certificate, PEM. */
  public Path serverCertificate() {
    return file("server.crt");
  }

  /** The server's private key, PEM, PKCS#8, not encrypted. */
  public Path serverKey() {
    return file("server.key");
  }

  /** The client's certificate, PEM. */
  public Path clientCertificate() {
    return file("client.crt");
  }

  /** The client's private key, PEM, PKCS#8, not encrypted. */
  public Path clientKey() {
    return file("client.key");
  }

  /** A PKCS#12 store with the authority's certificate: what a client trusts. */
  public Path trustStore() {
    return file("trust.p12");
  }

  /** A PKCS#12 store with the client's key and certificate: how a client identifies itself. */
  public Path keyStore() {
    return file("client.p12");
  }

  /** The password of both stores and of the key in the key store. */
  public String storePassword() {
    return STORE_PASSWORD;
  }

  /** Removes the files. Idempotent. */
  @Override
  public void close() {
    Guardian.delete(folder);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void keytool(String alias, String name, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", name));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-startdate", "-1d", "-validity", "2"));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", file("all.p12").toString()));
    command.addAll(List.of("-storepass", STORE_PASSWORD, "-J-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(options));
    ShortProcess.run(command);
  }

  private static void writePair(KeyStore from, String alias, Path certificate, Path key)
      throws GeneralSecurityException, IOException {
    writePem(certificate, "CERTIFICATE", from.getCertificate(alias).getEncoded());
    byte[] pkcs8 = from.getKey(alias, STORE_PASSWORD.toCharArray()).getEncoded();
    writePem(key, "PRIVATE KEY", pkcs8);
  }

  private static void writePem(Path file, String type, byte[] content) throws IOException {
    String body = PEM.encodeToString(content);
    Files.writeString(
        file, "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(type, body));
  }

  private void writeTrustStore(KeyStore all) throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    store.setCertificateEntry("ca", all.getCertificate("ca"));
    write(store, trustStore());
  }

  private void writeKeyStore(KeyStore all) throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    char[] password = STORE_PASSWORD.toCharArray();
    Certificate[] chain = all.getCertificateChain("client");
    store.setKeyEntry("client", all.getKey("client", password), password, chain);
    write(store, keyStore());
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load((InputStream) null, null);
    return store;
  }

  private static void write(KeyStore store, Path file)
      throws GeneralSecurityException, IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, STORE_PASSWORD.toCharArray());
    }
  }
}
