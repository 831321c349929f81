package io.cacheaside.verification.docs;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.InvalidationFailures;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.Configuration;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.lettuce.core.SslVerifyMode;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each option of the builders is code, or has properties that do the same and stand in
 * docs/options.md.
 */
@Tag("docs")
class PropertiesTest {
  private static final String FOR_CACHES = "cache-aside.";
  private static final String FOR_ONE = "cache-aside.caches.users.";
  private static final String FOR_REDIS = "cache-aside.redis.";

  /** Options of caches without a property, because they take code or objects. */
  private static final Set<String> CODE_OF_CACHES =
      Set.of(
          "store",
          "ttlFunction",
          "copier",
          "fallback",
          "tags",
          "version",
          "listener",
          "executor",
          "loaderExecutor",
          "contextPropagation",
          "environment",
          "configuration");

  /** Options of the Redis store without a property. */
  private static final Set<String> CODE_OF_REDIS = Set.of("clientResources", "configuration");

  /** An option, properties that set it, and the method that does the same. */
  record Same<B>(String option, Map<String, String> properties, Consumer<B> call) {
    @Override
    public String toString() {
      return option + " " + properties.keySet();
    }
  }

  private static Same<CacheAsideBuilder<String, String>> cache(
      String option, Consumer<CacheAsideBuilder<String, String>> call, String... properties) {
    return new Same<>(option, pairs(properties), call);
  }

  private static Same<RedisStoreBuilder> redis(
      String option, Consumer<RedisStoreBuilder> call, String... properties) {
    return new Same<>(option, pairs(properties), call);
  }

  private static Map<String, String> pairs(String... texts) {
    return Arrays.stream(texts)
        .map(text -> text.split("=", 2))
        .collect(toMap(pair -> pair[0], pair -> pair[1]));
  }

  static List<Same<CacheAsideBuilder<String, String>>> cacheOptions() {
    Duration ms = Duration.ofMillis(7);
    Duration s = Duration.ofSeconds(7);
    Duration m = Duration.ofMinutes(7);
    return List.of(
        cache("ttl", b -> b.ttl(m), "ttl=7m"),
        cache("absentTtl", b -> b.absentTtl(s), "absent-ttl=7s"),
        cache("ttlJitter", b -> b.ttlJitter(0.25), "ttl-jitter=25%"),
        cache("staleWhileRevalidate", b -> b.staleWhileRevalidate(m), "stale-while-revalidate=7m"),
        cache("staleIfError", b -> b.staleIfError(m), "stale-if-error=7m"),
        cache(
            "earlyRefresh",
            b -> b.earlyRefresh(EarlyRefresh.after(0.8)),
            "early-refresh.after=80%"),
        cache(
            "earlyRefresh", b -> b.earlyRefresh(EarlyRefresh.xFetch(2)), "early-refresh.x-fetch=2"),
        cache("nearCache", b -> b.nearCache(NearCache.ofEntries(7)), "near-cache.max-entries=7"),
        cache(
            "nearCache",
            b -> b.nearCache(NearCache.ofBytes(7 << 20)),
            "near-cache.max-bytes=7 MiB"),
        cache(
            "nearCache",
            b -> b.nearCache(NearCache.ofEntries(7).maxStaleness(s).withAbsences()),
            "near-cache.max-entries=7",
            "near-cache.max-staleness=7s",
            "near-cache.with-absences=true"),
        cache(
            "failureBackoff",
            b -> b.failureBackoff(s, Duration.ofSeconds(30)),
            "failure-backoff.first=7s"),
        cache("failureBackoff", b -> b.failureBackoff(m, m), "failure-backoff.first=7m"),
        cache(
            "failureBackoff",
            b -> b.failureBackoff(s, m),
            "failure-backoff.first=7s",
            "failure-backoff.longest=7m"),
        cache("loadTimeout", b -> b.loadTimeout(m), "load-timeout=7m"),
        cache("softTimeout", b -> b.softTimeout(ms), "soft-timeout=7ms"),
        cache("maxConcurrentLoads", b -> b.maxConcurrentLoads(7), "max-concurrent-loads=7"),
        cache("maxQueuedLoads", b -> b.maxQueuedLoads(7), "max-queued-loads=7"),
        cache("warmUp", b -> b.warmUp(s), "warm-up=7s"),
        cache("loaderTags", CacheAsideBuilder::loaderTags, "loader-tags=true"),
        cache("instantClear", CacheAsideBuilder::instantClear, "instant-clear=true"),
        cache("holdOff", b -> b.holdOff(s), "hold-off=7s"),
        cache("fenceTime", b -> b.fenceTime(s), "fence-time=7s"),
        cache(
            "maxUnconfirmedInvalidations",
            b -> b.maxUnconfirmedInvalidations(7),
            "max-unconfirmed-invalidations=7"),
        cache(
            "circuitBreaker",
            b -> b.circuitBreaker(7, Duration.ofSeconds(1)),
            "circuit-breaker.timeouts=7"),
        cache("circuitBreaker", b -> b.circuitBreaker(10, m), "circuit-breaker.pause=7m"),
        cache("leaseTime", b -> b.leaseTime(s), "lease-time=7s"),
        cache("closeTimeout", b -> b.closeTimeout(s), "close-timeout=7s"),
        cache("maxPayloadBytes", b -> b.maxPayloadBytes(7 << 20), "max-payload-bytes=7MiB"),
        cache("maxKeyBytes", b -> b.maxKeyBytes(700), "max-key-bytes=700"),
        cache("schemaVersion", b -> b.schemaVersion(7), "schema-version=7"),
        cache("loadRetry", b -> b.loadRetry(RetryPolicy.of(7)), "load-retry.max-attempts=7"),
        cache(
            "loadRetry",
            b -> b.loadRetry(RetryPolicy.of(7).delays(ms, s).deadline(m)),
            "load-retry.max-attempts=7",
            "load-retry.first-delay=7ms",
            "load-retry.max-delay=7s",
            "load-retry.deadline=7m"),
        cache(
            "invalidationRetry",
            b -> b.invalidationRetry(RetryPolicy.of(7)),
            "invalidation-retry.max-attempts=7"),
        cache(
            "invalidationRetry",
            b -> b.invalidationRetry(RetryPolicy.of(3).delays(ms, ms).deadline(m)),
            "invalidation-retry.max-delay=7ms",
            "invalidation-retry.deadline=7m"),
        cache(
            "invalidationRetry",
            b -> b.invalidationRetry(RetryPolicy.of(3).delays(ms, Duration.ofSeconds(1))),
            "invalidation-retry.first-delay=7ms"),
        cache(
            "invalidationFailures",
            b -> b.invalidationFailures(InvalidationFailures.QUEUE),
            "invalidation-failures=queue"),
        cache("redactKeys", b -> b.redactKeys(true), "redact-keys=true"));
  }

  static List<Same<RedisStoreBuilder>> redisOptions() {
    Duration ms = Duration.ofMillis(7);
    char[] secret = "s3cret".toCharArray();
    return List.of(
        redis("uri", b -> b.uri("redis://:s3cret@host:7"), "uri=redis://:s3cret@host:7"),
        redis("host", b -> b.host("cache"), "host=cache"),
        redis("port", b -> b.port(7), "port=7"),
        redis("nodes", b -> b.nodes("a:7", "b:7"), "nodes=a:7,b:7"),
        redis("cluster", b -> b.cluster(true), "cluster=true"),
        redis("sentinelMaster", b -> b.sentinelMaster("main"), "sentinel-master=main"),
        redis("database", b -> b.database(7), "database=7"),
        redis("username", b -> b.username("app"), "username=app"),
        redis("password", b -> b.password(secret), "password=s3cret"),
        redis("tls", b -> b.tls(true), "tls=true"),
        redis("verifyPeer", b -> b.verifyPeer(SslVerifyMode.CA), "verify-peer=ca"),
        redis("trustStore", b -> b.trustStore(Path.of("t.p12")), "trust-store=t.p12"),
        redis(
            "trustStorePassword", b -> b.trustStorePassword(secret), "trust-store-password=s3cret"),
        redis("keyStore", b -> b.keyStore(Path.of("k.p12")), "key-store=k.p12"),
        redis("keyStorePassword", b -> b.keyStorePassword(secret), "key-store-password=s3cret"),
        redis("prefix", b -> b.prefix("p:"), "prefix=p:"),
        redis("commandTimeout", b -> b.commandTimeout(ms), "command-timeout=7ms"),
        redis("connectTimeout", b -> b.connectTimeout(ms), "connect-timeout=7ms"),
        redis("invalidationCopies", b -> b.invalidationCopies(7), "invalidation-copies=7"),
        redis("copyTimeout", b -> b.copyTimeout(ms), "copy-timeout=7ms"),
        redis("clientName", b -> b.clientName("me"), "client-name=me"),
        redis("requestQueueSize", b -> b.requestQueueSize(7_000), "request-queue-size=7000"),
        redis("failFast", RedisStoreBuilder::failFast, "fail-fast=true"));
  }

  /** A row of docs/options.md. */
  private record Row(String property, String example, String option) {}

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z.-]+)` \\| `([^`]+)` \\| `(\\w+)` \\|");

  /** Returns the rows of the first or second table. */
  private static List<Row> documented(boolean ofRedis) {
    List<String> lines = Documents.lines("docs/options.md");
    int start = lines.indexOf("## Files and the environment");
    int redis =
        lines.indexOf(
            "**The Redis store**, below `cache-aside.redis`. Only `clientResources` takes code.");
    List<String> table = ofRedis ? lines.subList(redis, lines.size()) : lines.subList(start, redis);
    return table.stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> new Row(row.group(1), row.group(2), row.group(3)))
        .toList();
  }

  private static Set<String> optionsAndProperties(List<? extends Same<?>> all) {
    return all.stream()
        .flatMap(same -> same.properties().keySet().stream().map(it -> it + " " + same.option()))
        .collect(toSet());
  }

  private static CacheAsideBuilder<String, String> users() {
    return CacheAside.builder("users", Codec.string());
  }

  /** Returns the methods that return what they are called on. */
  private static Set<String> methods(Class<?> builder) {
    return Arrays.stream(builder.getMethods())
        .filter(method -> method.getReturnType() == builder)
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .map(Method::getName)
        .collect(toSet());
  }

  private static Set<String> union(Stream<? extends Same<?>> options, Set<String> code) {
    return Stream.concat(options.map(Same::option), code.stream()).collect(toSet());
  }

  @Test
  void everyOptionOfACacheHasAPropertyOrIsCode() {
    assertThat(methods(CacheAsideBuilder.class))
        .isEqualTo(union(cacheOptions().stream(), CODE_OF_CACHES));
  }

  @Test
  void everyOptionOfTheRedisStoreHasAPropertyOrIsCode() {
    assertThat(methods(RedisStoreBuilder.class))
        .isEqualTo(union(redisOptions().stream(), CODE_OF_REDIS));
  }

  @ParameterizedTest
  @MethodSource("cacheOptions")
  void propertiesOfCachesDoWhatTheMethodDoes(Same<CacheAsideBuilder<String, String>> same) {
    CacheAsideBuilder<String, String> called = users();
    same.call().accept(called);

    for (String scope : List.of(FOR_CACHES, FOR_ONE)) {
      assertSame(users().configuration(scoped(scope, same)), called, users());
      assertSame(users().configuration(asVariables(scope, same)), called, users());
    }
  }

  @ParameterizedTest
  @MethodSource("redisOptions")
  void propertiesOfTheRedisStoreDoWhatTheMethodDoes(Same<RedisStoreBuilder> same) {
    RedisStoreBuilder called = RedisStore.builder();
    same.call().accept(called);

    RedisStoreBuilder untouched = RedisStore.builder();
    assertSame(RedisStore.builder().configuration(scoped(FOR_REDIS, same)), called, untouched);
    assertSame(RedisStore.builder().configuration(asVariables(FOR_REDIS, same)), called, untouched);
  }

  private static void assertSame(Object configured, Object called, Object untouched) {
    assertThat(configured).usingRecursiveComparison().isEqualTo(called);
    assertThat(configured).usingRecursiveComparison().isNotEqualTo(untouched);
  }

  private static Configuration scoped(String scope, Same<?> same) {
    return Configuration.of(prefixed(scope, same));
  }

  private static Configuration asVariables(String scope, Same<?> same) {
    return Configuration.of(
        prefixed(scope, same).entrySet().stream()
            .collect(toMap(property -> variable(property.getKey()), Map.Entry::getValue)));
  }

  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  private static Map<String, String> prefixed(String scope, Same<?> same) {
    return same.properties().entrySet().stream()
        .collect(toMap(property -> scope + property.getKey(), Map.Entry::getValue));
  }

  @Test
  void thePageHasEachProperty() {
    assertThat(documented(false))
        .map(row -> row.property() + " " + row.option())
        .containsExactlyInAnyOrderElementsOf(optionsAndProperties(cacheOptions()));
    assertThat(documented(true))
        .map(row -> row.property() + " " + row.option())
        .containsExactlyInAnyOrderElementsOf(optionsAndProperties(redisOptions()));
  }

  @Test
  void theExamplesOfThePageHaveAnEffect() {
    assertThat(documented(false)).allSatisfy(PropertiesTest::assertChangesACache);
    assertThat(documented(true)).allSatisfy(PropertiesTest::assertChangesTheStore);
  }

  private static void assertChangesACache(Row row) {
    Configuration example = Configuration.of(Map.of(FOR_ONE + row.property(), row.example()));

    assertThat(withAllParts().configuration(example))
        .usingRecursiveComparison()
        .isNotEqualTo(withAllParts());
  }

  private static CacheAsideBuilder<String, String> withAllParts() {
    return users()
        .nearCache(NearCache.ofEntries(5))
        .loadRetry(RetryPolicy.of(5))
        .failureBackoff(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  private static void assertChangesTheStore(Row row) {
    Configuration example = Configuration.of(Map.of(FOR_REDIS + row.property(), row.example()));

    assertThat(RedisStore.builder().configuration(example))
        .usingRecursiveComparison()
        .isNotEqualTo(RedisStore.builder());
  }
}
