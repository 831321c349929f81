package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.Configuration;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.InMemoryStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong settings are refused at once, in words that name the setting, its value and the fix. */
@Tag("unit")
@Tag("edge")
class ConfigurationTest {

  private static CacheAsideBuilder<String, String> builder() {
    return CacheAside.builder("users", Codec.string());
  }

  static Stream<Arguments> wrongSettings() {
    return Stream.of(
        setting("ttl", Duration.ZERO, "0 s", CacheAsideBuilder::ttl),
        setting("ttl", Duration.ofSeconds(-1), "-1 s", CacheAsideBuilder::ttl),
        setting("ttl", Duration.ofNanos(999_999), "0.999999 ms", CacheAsideBuilder::ttl),
        setting(
            "ttl",
            Duration.ofSeconds(Long.MAX_VALUE),
            "9223372036854775807 s",
            CacheAsideBuilder::ttl),
        setting("absentTtl", Duration.ZERO, "0 s", CacheAsideBuilder::absentTtl),
        setting("absentTtl", Duration.ofMillis(-1), "-1 ms", CacheAsideBuilder::absentTtl),
        setting("ttlJitter", -0.1, "-0.1", CacheAsideBuilder::ttlJitter),
        setting("ttlJitter", 1.0, "1.0", CacheAsideBuilder::ttlJitter),
        setting("ttlJitter", Double.NaN, "NaN", CacheAsideBuilder::ttlJitter),
        setting("loadTimeout", Duration.ZERO, "0 s", CacheAsideBuilder::loadTimeout),
        setting("loadTimeout", Duration.ofDays(365), "31536000 s", CacheAsideBuilder::loadTimeout),
        setting("leaseTime", Duration.ZERO, "0 s", CacheAsideBuilder::leaseTime),
        setting("leaseTime", Duration.ofDays(365), "31536000 s", CacheAsideBuilder::leaseTime),
        setting(
            "closeTimeout", Duration.ofNanos(-1), "-0.000001 ms", CacheAsideBuilder::closeTimeout),
        setting(
            "closeTimeout", Duration.ofDays(365), "31536000 s", CacheAsideBuilder::closeTimeout),
        setting("maxPayloadBytes", 0, "0", CacheAsideBuilder::maxPayloadBytes),
        setting("maxPayloadBytes", -1, "-1", CacheAsideBuilder::maxPayloadBytes),
        setting("maxKeyBytes", 0, "0", CacheAsideBuilder::maxKeyBytes),
        setting("schemaVersion", -1, "-1", CacheAsideBuilder::schemaVersion));
  }

  private static <T> Arguments setting(
      String property,
      T value,
      String shown,
      BiConsumer<CacheAsideBuilder<String, String>, T> setter) {
    Consumer<CacheAsideBuilder<String, String>> call = builder -> setter.accept(builder, value);
    return Arguments.of(property, shown, call);
  }

  @ParameterizedTest(name = "{0} = {1}")
  @MethodSource("wrongSettings")
  void aWrongSettingIsRefused(
      String property, String shown, Consumer<CacheAsideBuilder<String, String>> call) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> call.accept(builder()))
        .withMessageContainingAll(property, shown, "use ");
  }

  /** What Kubernetes sets in the environment of every container for a service of that name. */
  private static Map<String, String> variablesOf(String service) {
    String name = service.toUpperCase(Locale.ROOT).replace('-', '_');
    Map<String, String> variables = new HashMap<>();
    variables.put(name + "_SERVICE_HOST", "10.0.0.7");
    variables.put(name + "_SERVICE_PORT", "6379");
    variables.put(name + "_SERVICE_PORT_REDIS_TLS", "6379");
    variables.put(name + "_PORT", "tcp://10.0.0.7:6379");
    for (String protocol : List.of("TCP", "UDP")) {
      String port = name + "_PORT_6379_" + protocol;
      variables.put(port, protocol.toLowerCase(Locale.ROOT) + "://10.0.0.7:6379");
      variables.put(port + "_PROTO", protocol.toLowerCase(Locale.ROOT));
      variables.put(port + "_PORT", "6379");
      variables.put(port + "_ADDR", "10.0.0.7");
    }
    return variables;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache-aside",
        "cache-aside-redis",
        "cache-aside-redis-host",
        "cache-aside-ttl",
        "cache-aside-demo",
        "cache-aside-caches-users"
      })
  void theVariablesOfAServiceOfTheSameNameAreNotOurs(String service) {
    Map<String, String> environment = variablesOf(service);
    environment.put("CACHE_ASIDE_TTL", "3s");

    RedisStore.builder().configuration(Configuration.of(environment));
    try (CacheAside<String, String> cache =
        builder().configuration(Configuration.of(environment)).build()) {
      cache.put("k", "v");
      assertThat(cache.remainingTtl("k").orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(3));
    }
  }

  @Test
  void whatOnlyLooksLikeTheVariableOfAServiceIsStillRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisStore.builder()
                    .configuration(Configuration.of(Map.of("CACHE_ASIDE_REDIS_PORT", "six"))))
        .withMessageContaining("CACHE_ASIDE_REDIS_PORT = 'six'");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> builder().configuration(Configuration.of(Map.of("CACHE_ASIDE_TTTL", "3s"))))
        .withMessageContaining("CACHE_ASIDE_TTTL is not an option");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RedisStore.builder()
                    .configuration(
                        Configuration.of(Map.of("cache-aside.redis.port", "tcp://10.0.0.7:6379"))))
        .withMessageContaining("cache-aside.redis.port");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t"})
  void aNameWithoutVisibleCharactersIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CacheAside.builder(name, Codec.string()))
        .withMessageContainingAll("name", "use ");
  }

  @Test
  @SuppressWarnings("NullAway")
  void nothingMayBeNull() {
    List<Consumer<CacheAsideBuilder<String, String>>> calls =
        List.of(
            builder -> builder.store(null),
            builder -> builder.ttl(null),
            builder -> builder.absentTtl(null),
            builder -> builder.loadTimeout(null),
            builder -> builder.leaseTime(null),
            builder -> builder.closeTimeout(null),
            builder -> builder.loadRetry(null),
            builder -> builder.invalidationRetry(null),
            builder -> builder.listener(null),
            builder -> builder.executor(null),
            builder -> builder.loaderExecutor(null),
            builder -> builder.environment(null));

    assertThat(calls)
        .allSatisfy(
            call -> assertThatNullPointerException().isThrownBy(() -> call.accept(builder())));
    assertThatNullPointerException().isThrownBy(() -> CacheAside.builder(null, Codec.string()));
    assertThatNullPointerException().isThrownBy(() -> CacheAside.builder("users", null));
    assertThatNullPointerException().isThrownBy(() -> CacheAside.over(null, Codec.string()));
  }

  @Test
  void theLargestSettingsWork() {
    Duration longest = Duration.ofDays(1);
    try (CacheAside<String, String> cache =
        builder()
            .ttl(Duration.ofDays(365 * 1_000))
            .absentTtl(Duration.ofDays(365 * 1_000))
            .loadTimeout(longest)
            .leaseTime(longest)
            .closeTimeout(longest)
            .ttlJitter(Math.nextDown(1.0))
            .build()) {
      assertThat(cache.get("k", key -> "v")).isEqualTo("v");
      assertThat(cache.get("absent", key -> null)).isNull();
      assertThat(cache.lookup("k").value()).contains("v");
    }
  }

  @Test
  void wrongNearCachesAreRefused() {
    NearCache near = NearCache.ofEntries(10);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearCache.ofEntries(0))
        .withMessageContainingAll("maxEntries", "0", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NearCache.ofBytes(0))
        .withMessageContainingAll("maxBytes", "0", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> near.maxStaleness(Duration.ofMillis(99)))
        .withMessageContainingAll("maxStaleness", "99 ms", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> near.maxStaleness(Duration.ofMinutes(1).plusNanos(1)))
        .withMessageContainingAll("maxStaleness", "60000.000001 ms", "use");
  }

  @Test
  void theSmallestAndTheLargestNearCachesWork() {
    List<NearCache> extremes =
        List.of(
            NearCache.ofEntries(1).maxStaleness(Duration.ofMillis(100)),
            NearCache.ofBytes(1).maxStaleness(Duration.ofMinutes(1)),
            NearCache.ofEntries(Long.MAX_VALUE),
            NearCache.ofBytes(Long.MAX_VALUE));

    for (NearCache near : extremes) {
      try (CacheAside<String, String> cache = builder().nearCache(near).build()) {
        cache.put("k", "v");
        assertThat(cache.get("k", key -> "loaded")).isEqualTo("v");
        assertThat(cache.get("k", key -> "loaded")).isEqualTo("v");
      }
    }
  }

  @Test
  void theDefaultIsAStoreOfTheCachesOwn() {
    try (CacheAside<String, String> one = builder().build();
        CacheAside<String, String> other = builder().build()) {
      one.put("k", "v");

      assertThat(one.lookup("k").value()).contains("v");
      assertThat(other.lookup("k").value()).isEmpty();
    }
  }

  @Test
  void twoOpenCachesOfOneNameOnOneStoreAreRefused() {
    InMemoryStore store = InMemoryStore.create();
    CacheAside<String, String> first = builder().store(store).build();

    assertThatIllegalStateException()
        .isThrownBy(() -> builder().store(store).build())
        .withMessageContainingAll("name", "'users'", "close");

    first.close();
    builder().store(store).build().close();
  }

  @Test
  void cachesOfOneNameOnDifferentStoresAreFine() {
    try (CacheAside<String, String> one = builder().store(InMemoryStore.create()).build();
        CacheAside<String, String> other = builder().store(InMemoryStore.create()).build()) {
      assertThat(one.name()).isEqualTo(other.name());
    }
  }

  @Test
  void wrongRetryPoliciesAreRefused() {
    RetryPolicy policy = RetryPolicy.of(3);
    Duration second = Duration.ofSeconds(1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RetryPolicy.of(0))
        .withMessageContainingAll("maxAttempts", "0", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.delays(Duration.ZERO, second))
        .withMessageContainingAll("first delay", "0 s", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.delays(second, Duration.ofDays(2)))
        .withMessageContainingAll("max delay", "172800 s", "use");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.delays(second, Duration.ofMillis(1)))
        .withMessageContainingAll("first delay", "1 s", "max delay", "1 ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.deadline(Duration.ofMillis(-1)))
        .withMessageContainingAll("deadline", "-1 ms", "use");
    assertThat(policy.toString()).contains("maxAttempts=3");
  }
}
