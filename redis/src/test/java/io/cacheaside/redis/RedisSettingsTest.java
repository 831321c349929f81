package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.config.Configuration;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.SslVerifyMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RedisSettingsTest {
  private static final char[] PASSWORD = "s3cret".toCharArray();

  @Test
  void defaultsAreForALocalServer() {
    RedisSettings settings = RedisStore.builder().settings();

    assertThat(settings.topology()).isEqualTo(Topology.STANDALONE);
    assertThat(settings.nodes()).containsExactly(new Node("localhost", 6_379));
    assertThat(settings.database()).isZero();
    assertThat(settings.credentials()).isNull();
    assertThat(settings.tls()).isNull();
    assertThat(settings.prefix()).isEqualTo("cache:");
    assertThat(settings.commandTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.invalidationCopies()).isZero();
    assertThat(settings.copyTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.requestQueueSize()).isEqualTo(10_000);
    assertThat(settings.failFast()).isFalse();
    assertThat(settings.clientResources()).isNull();
  }

  @Test
  void whatIsSetApartOverridesTheUri() {
    RedisSettings settings =
        RedisStore.builder()
            .uri("redis://app:other@host:1/2")
            .database(0)
            .username("service")
            .password(PASSWORD)
            .tls(true)
            .settings();

    assertThat(settings.database()).isZero();
    assertThat(settings.tls()).isNotNull();
    assertThat(settings.nodes()).containsExactly(new Node("host", 1));
    assertThat(settings.username()).isEqualTo("service");
    assertThat(resolved(settings.credentials()).getPassword()).containsExactly(PASSWORD);
  }

  @Test
  void aPasswordIsCopied() {
    char[] password = PASSWORD.clone();
    RedisStoreBuilder builder = RedisStore.builder().password(password);
    Arrays.fill(password, 'x');

    assertThat(resolved(builder.settings().credentials()).getPassword()).containsExactly(PASSWORD);
  }

  @Test
  void thePasswordThatWasSetLastCounts() {
    RedisStoreBuilder builder = RedisStore.builder().password(PASSWORD);

    builder.password(() -> "later".toCharArray());
    assertThat(resolved(builder.settings().credentials()).getPassword())
        .containsExactly("later".toCharArray());

    builder.password(PASSWORD);
    assertThat(resolved(builder.settings().credentials()).getPassword()).containsExactly(PASSWORD);

    builder.password("text");
    assertThat(resolved(builder.settings().credentials()).getPassword())
        .containsExactly("text".toCharArray());
  }

  private static RedisCredentials resolved(RedisCredentialsProvider provider) {
    assertThat(provider).isNotNull();
    return provider.resolveCredentials().block();
  }

  @Test
  void sentinelsHaveAPortOfTheirOwn() {
    RedisSettings settings =
        RedisStore.builder().nodes("a", " b:2").sentinelMaster("main").settings();

    assertThat(settings.topology()).isEqualTo(Topology.SENTINEL);
    assertThat(settings.nodes()).containsExactly(new Node("a", 26_379), new Node("b", 2));
    assertThat(settings.address()).isEqualTo("redis-sentinel://a:26379,b:2#main");
  }

  @Test
  void propertiesReachEveryOption() {
    String scope = "cache-aside.redis.";
    RedisSettings settings =
        RedisStore.builder()
            .configuration(
                Configuration.of(
                    Map.ofEntries(
                        Map.entry(scope + "nodes", "a:1,b:2"),
                        Map.entry(scope + "cluster", "true"),
                        Map.entry(scope + "username", "app"),
                        Map.entry(scope + "password", "s3cret"),
                        Map.entry(scope + "tls", "true"),
                        Map.entry(scope + "verify-peer", "ca"),
                        Map.entry(scope + "trust-store", "trust.p12"),
                        Map.entry(scope + "trust-store-password", "t"),
                        Map.entry(scope + "key-store", "key.p12"),
                        Map.entry(scope + "key-store-password", "k"),
                        Map.entry(scope + "prefix", "p:"),
                        Map.entry(scope + "command-timeout", "1s"),
                        Map.entry(scope + "connect-timeout", "2s"),
                        Map.entry(scope + "invalidation-copies", "3"),
                        Map.entry(scope + "copy-timeout", "4s"),
                        Map.entry(scope + "client-name", "name"),
                        Map.entry(scope + "request-queue-size", "1099"),
                        Map.entry(scope + "fail-fast", "true"))))
            .settings();

    assertThat(settings.address()).isEqualTo("rediss-cluster://a:1,b:2");
    assertThat(settings.username()).isEqualTo("app");
    assertThat(resolved(settings.credentials()).getPassword()).containsExactly(PASSWORD);
    assertThat(settings.tls())
        .usingRecursiveComparison()
        .isEqualTo(
            new TlsSettings(
                SslVerifyMode.CA,
                Path.of("trust.p12"),
                "t".toCharArray(),
                Path.of("key.p12"),
                "k".toCharArray()));
    assertThat(settings.prefix()).isEqualTo("p:");
    assertThat(settings.commandTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.invalidationCopies()).isEqualTo(3);
    assertThat(settings.copyTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(settings.clientName()).isEqualTo("name");
    assertThat(settings.requestQueueSize()).isEqualTo(1_099);
    assertThat(settings.failFast()).isTrue();
  }

  @Test
  void propertiesReachTheOtherOptions() {
    RedisSettings settings =
        RedisStore.builder()
            .configuration(
                Configuration.of(
                    Map.of(
                        "CACHE_ASIDE_REDIS_URI", "redis-sentinel://:s3cret@a",
                        "CACHE_ASIDE_REDIS_SENTINEL_MASTER", "main",
                        "CACHE_ASIDE_REDIS_DATABASE", "3")))
            .settings();
    RedisSettings single =
        RedisStore.builder()
            .configuration(
                Configuration.of(
                    Map.of("cache-aside.redis.host", "h", "cache-aside.redis.port", "7")))
            .settings();

    assertThat(settings.address()).isEqualTo("redis-sentinel://a:26379/3#main");
    assertThat(single.address()).isEqualTo("redis://h:7");
  }

  @Test
  void anUnknownPropertyNamesTheNearestOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisStore.builder()
                    .configuration(Configuration.of(Map.of("cache-aside.redis.pasword", "s3cret"))))
        .withMessageContaining("cache-aside.redis.password")
        .withMessageNotContaining("s3cret");
  }

  @Test
  void aWrongUriInPropertiesIsNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisStore.builder()
                    .configuration(
                        Configuration.of(Map.of("cache-aside.redis.uri", "redis//:s3cret@host"))))
        .withMessageContaining("cache-aside.redis.uri")
        .withMessageContaining("***@host")
        .withMessageNotContaining("s3cret");
  }

  @Test
  void nothingShowsASecret() {
    RedisSettings settings =
        RedisStore.builder()
            .uri("rediss://app:s3cret@host")
            .trustStorePassword(PASSWORD)
            .keyStorePassword(PASSWORD)
            .settings();

    assertThat(settings).hasToString("RedisStore[rediss://host:6379, prefix=cache:]");
    assertThat(settings.tls()).hasToString("TLS[verifyPeer=FULL, trustStore=null, keyStore=null]");
  }

  static Stream<Arguments> nulls() {
    return Stream.of(
        isNull("uri", b -> b.uri(null)),
        isNull("host", b -> b.host(null)),
        isNull("nodes", b -> b.nodes((String[]) null)),
        isNull("nodes", b -> b.nodes("a", null)),
        isNull("sentinelMaster", b -> b.sentinelMaster(null)),
        isNull("username", b -> b.username(null)),
        isNull("password", b -> b.password((char[]) null)),
        isNull("password", b -> b.password((String) null)),
        isNull("password", b -> b.password((Supplier<char[]>) null)),
        isNull("verifyPeer", b -> b.verifyPeer(null)),
        isNull("trustStore", b -> b.trustStore(null)),
        isNull("trustStorePassword", b -> b.trustStorePassword(null)),
        isNull("keyStore", b -> b.keyStore(null)),
        isNull("keyStorePassword", b -> b.keyStorePassword(null)),
        isNull("prefix", b -> b.prefix(null)),
        isNull("commandTimeout", b -> b.commandTimeout(null)),
        isNull("connectTimeout", b -> b.connectTimeout(null)),
        isNull("copyTimeout", b -> b.copyTimeout(null)),
        isNull("clientName", b -> b.clientName(null)),
        isNull("clientResources", b -> b.clientResources(null)),
        isNull("configuration", b -> b.configuration(null)));
  }

  private static Arguments isNull(String property, Consumer<RedisStoreBuilder> call) {
    return Arguments.of(property, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nulls")
  void nullIsRefusedAtOnceByName(String property, Consumer<RedisStoreBuilder> call) {
    assertThatNullPointerException()
        .isThrownBy(() -> call.accept(RedisStore.builder()))
        .withMessage(property);
  }

  static Stream<Arguments> wrongValues() {
    return Stream.of(
        refused(b -> b.host(" "), "host is ' '; use "),
        refused(b -> b.host("a/b"), "host is 'a/b'; use "),
        refused(b -> b.port(0), "port is 0; use "),
        refused(b -> b.port(65_536), "port is 65536; use "),
        refused(b -> b.nodes(), "nodes is []; use "),
        refused(b -> b.host("redis://:s3cret@h"), "host is '***@h'; use "),
        refused(b -> b.nodes("a", "a:b"), "the port of 'a' is no number; use "),
        refused(b -> b.nodes("::1"), "an IPv6 address has no brackets; use "),
        refused(b -> b.nodes("::1:6379"), "an IPv6 address has no brackets; use "),
        refused(b -> b.nodes("[::1"), "an address has brackets; use "),
        refused(b -> b.nodes("a", "b:0"), "port is 0; use "),
        refused(b -> b.nodes("a", " "), "host is ''; use "),
        refused(b -> b.sentinelMaster(" "), "sentinelMaster is ' '; use "),
        refused(b -> b.database(-1), "database is -1; use "),
        refused(b -> b.prefix("half\uD83D"), "prefix is 'half"),
        refused(b -> b.commandTimeout(Duration.ZERO), "commandTimeout is 0 ms; use "),
        refused(b -> b.commandTimeout(Duration.ofNanos(999)), "commandTimeout is 0 ms; use "),
        refused(b -> b.commandTimeout(Duration.ofHours(2)), "commandTimeout is 7200 s; use "),
        refused(b -> b.connectTimeout(Duration.ofMillis(-1)), "connectTimeout is -1 ms; use "),
        refused(
            b -> b.connectTimeout(Duration.ofSeconds(Long.MAX_VALUE)), "connectTimeout is 9223"),
        refused(b -> b.invalidationCopies(-1), "invalidationCopies is -1; use "),
        refused(b -> b.copyTimeout(Duration.ZERO), "copyTimeout is 0 ms; use "),
        refused(b -> b.clientName("two words"), "clientName is 'two words'; use "),
        refused(b -> b.clientName(""), "clientName is ''; use "),
        refused(b -> b.requestQueueSize(999), "requestQueueSize is 999; use "),
        refused(
            b -> b.configuration(Configuration.of(Map.of("cache-aside.redis.port", "0"))),
            "cache-aside.redis.port = '0' is refused: port is 0; use "));
  }

  private static Arguments refused(UnaryOperator<RedisStoreBuilder> option, String message) {
    return Arguments.of(Named.of(message, option), message);
  }

  @ParameterizedTest
  @MethodSource("wrongValues")
  void aWrongValueIsRefusedAtOnce(UnaryOperator<RedisStoreBuilder> option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option.apply(RedisStore.builder()))
        .withMessageContaining(message)
        .withMessageNotContaining("s3cret");
  }

  @Test
  void theSmallestAndTheLargestValuesAreAccepted() {
    RedisSettings smallest =
        RedisStore.builder()
            .port(1)
            .prefix("")
            .commandTimeout(Duration.ofMillis(1))
            .connectTimeout(Duration.ofMillis(1))
            .copyTimeout(Duration.ofMillis(1))
            .requestQueueSize(1_000)
            .settings();
    RedisSettings largest =
        RedisStore.builder()
            .port(65_535)
            .database(Integer.MAX_VALUE)
            .commandTimeout(Duration.ofHours(1))
            .connectTimeout(Duration.ofHours(1))
            .copyTimeout(Duration.ofHours(1))
            .invalidationCopies(Integer.MAX_VALUE)
            .requestQueueSize(Integer.MAX_VALUE)
            .settings();

    assertThat(smallest.address()).isEqualTo("redis://localhost:1");
    assertThat(largest.address()).isEqualTo("redis://localhost:65535/2147483647");
  }

  static Stream<Arguments> wrongCombinations() {
    return Stream.of(
        refused(b -> b.nodes("a:1", "b:2"), "nodes is [a:1, b:2]; use "),
        refused(b -> b.uri("redis://a:1,b:2"), "nodes is [a:1, b:2]; use "),
        refused(b -> b.uri("redis://a").host("b"), "use an uri, or host and port, or nodes"),
        refused(b -> b.nodes("a").port(1), "use an uri, or host and port, or nodes"),
        refused(b -> b.uri("redis-sentinel://a"), "sentinelMaster is null; use "),
        refused(b -> b.sentinelMaster("main").cluster(true), "sentinelMaster is main; use "),
        refused(
            b -> b.uri("redis-cluster://a").sentinelMaster("main"), "sentinelMaster is main; use "),
        refused(b -> b.uri("redis-cluster://a/1"), "database is 1; use "),
        refused(b -> b.username("app"), "username is 'app'; use "),
        refused(b -> b.cluster(true).prefix("{}:").invalidationCopies(1), "prefix is '{}:'; use "),
        refused(b -> b.trustStore(Path.of("t.p12")), "tls is false; "),
        refused(b -> b.uri("redis://a").keyStore(Path.of("k.p12")), "tls is false; "),
        refused(b -> b.verifyPeer(SslVerifyMode.FULL), "tls is false; "),
        refused(
            b -> b.uri("rediss://:s3cret@a").tls(false),
            "uri is rediss://[a:6379], tls is false; "),
        refused(b -> b.tls(false).uri("rediss-sentinel://a#m"), "tls is false; "),
        refused(b -> b.uri("rediss-cluster://a").tls(false), "tls is false; "),
        refused(
            b ->
                b.configuration(
                    Configuration.of(
                        Map.of(
                            "cache-aside.redis.uri",
                            "rediss://a",
                            "cache-aside.redis.tls",
                            "false"))),
            "tls is false; "));
  }

  @ParameterizedTest
  @MethodSource("wrongCombinations")
  void whatDoesNotGoTogetherIsRefusedWhenItConnects(
      UnaryOperator<RedisStoreBuilder> options, String message) {
    RedisStoreBuilder builder = options.apply(RedisStore.builder());

    assertThatIllegalArgumentException()
        .isThrownBy(builder::connect)
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"{}, true", "a{}b{c}, true", "{a}{}, false", "a}{b, false", "{, false", "a, false"})
  void aTagIsEmptyIfNothingIsInTheFirstBraces(String prefix, boolean empty) {
    assertThat(RedisSettings.hasEmptyTag(prefix)).isEqualTo(empty);
  }
}
