package io.cacheaside.verification.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.Configuration;
import io.cacheaside.redis.RedisStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One configuration for all caches and the store: whose option is whose, and which one counts. */
@Tag("unit")
@Tag("edge")
class SettingsOfCachesTest {

  private static CacheAsideBuilder<String, String> builder(String name) {
    return CacheAside.builder(name, Codec.string());
  }

  /** Returns the properties of "name = value" lines. */
  private static Configuration lines(String... lines) {
    Map<String, String> properties = new HashMap<>();
    for (String line : lines) {
      String[] pair = line.split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    return Configuration.of(properties);
  }

  private static CacheAsideBuilder<String, String> configured(String name, String... lines) {
    return builder(name).configuration(lines(lines));
  }

  /** Asserts that a cache has the options that a builder gets by its methods. */
  private static void assertHas(
      CacheAsideBuilder<String, String> actual,
      UnaryOperator<CacheAsideBuilder<String, String>> options) {
    assertThat(actual)
        .usingRecursiveComparison()
        .ignoringFields("name")
        .isEqualTo(options.apply(builder("any")));
  }

  private static UnaryOperator<CacheAsideBuilder<String, String>> ttl(Duration ttl) {
    return builder -> builder.ttl(ttl);
  }

  private static UnaryOperator<CacheAsideBuilder<String, String>> ttlOfSeconds(int seconds) {
    return ttl(Duration.ofSeconds(seconds));
  }

  private static UnaryOperator<CacheAsideBuilder<String, String>> nothing() {
    return builder -> builder;
  }

  // ---- Precedence -------------------------------------------------------------------------------

  @Test
  void anOptionOfOneCacheTakesPrecedence() {
    Configuration configuration = lines("cache-aside.ttl=1s", "cache-aside.caches.users.ttl=2s");

    assertHas(builder("users").configuration(configuration), ttlOfSeconds(2));
    assertHas(builder("orders").configuration(configuration), ttlOfSeconds(1));
  }

  @Test
  void theOverridingSourceTakesPrecedence() {
    Configuration file =
        lines("cache-aside.ttl=1s", "cache-aside.caches.users.ttl=2s", "cache-aside.warm-up=9s");
    Configuration environment =
        lines("CACHE_ASIDE_TTL=3s", "CACHE_ASIDE_CACHES_USERS_TTL=4s", "CACHE_ASIDE_HOLD_OFF=8s");
    Configuration both = file.overriddenBy(environment);
    UnaryOperator<CacheAsideBuilder<String, String>> others =
        builder -> builder.warmUp(Duration.ofSeconds(9)).holdOff(Duration.ofSeconds(8));

    assertHas(
        builder("users").configuration(both), b -> others.apply(b).ttl(Duration.ofSeconds(4)));
    assertHas(
        builder("orders").configuration(both), b -> others.apply(b).ttl(Duration.ofSeconds(3)));
  }

  @Test
  void anOptionOfOneCacheTakesPrecedenceOverThatOfAllInAnOverridingSource() {
    Configuration both =
        lines("cache-aside.caches.users.ttl=2s").overriddenBy(lines("CACHE_ASIDE_TTL=3s"));

    assertHas(builder("users").configuration(both), ttlOfSeconds(2));
  }

  @Test
  void ofThreeSourcesTheLastOneTakesPrecedence() {
    Configuration one = lines("cache-aside.ttl=1s");
    Configuration two = lines("cache-aside.ttl=2s");
    Configuration three = lines("cache-aside.ttl=3s");

    assertHas(
        builder("users").configuration(one.overriddenBy(two).overriddenBy(three)), ttlOfSeconds(3));
    assertHas(
        builder("users").configuration(one.overriddenBy(two.overriddenBy(three))), ttlOfSeconds(3));
  }

  @Test
  void theLaterCallWins() {
    Configuration configuration = lines("cache-aside.caches.users.ttl=2s");

    assertHas(
        builder("users").configuration(configuration).ttl(Duration.ofSeconds(5)), ttlOfSeconds(5));
    assertHas(
        builder("users").ttl(Duration.ofSeconds(5)).configuration(configuration), ttlOfSeconds(2));
  }

  @Test
  void whatIsNotConfiguredStaysAsItIs() {
    NearCache near = NearCache.ofEntries(5).maxStaleness(Duration.ofSeconds(2)).withAbsences();
    RetryPolicy retry = RetryPolicy.of(5).deadline(Duration.ofSeconds(9));
    UnaryOperator<CacheAsideBuilder<String, String>> code =
        builder ->
            builder
                .nearCache(near)
                .loadRetry(retry)
                .circuitBreaker(3, Duration.ofSeconds(3))
                .failureBackoff(Duration.ofSeconds(1), Duration.ofSeconds(3));

    assertHas(code.apply(builder("users")).configuration(lines()), code);
    assertHas(
        code.apply(builder("users"))
            .configuration(
                lines(
                    "cache-aside.near-cache.max-bytes=1KiB",
                    "cache-aside.near-cache.with-absences=false",
                    "cache-aside.load-retry.max-attempts=2",
                    "cache-aside.circuit-breaker.pause=4s",
                    "cache-aside.failure-backoff.first=2s")),
        builder ->
            builder
                .nearCache(NearCache.ofBytes(1_024).maxStaleness(Duration.ofSeconds(2)))
                .loadRetry(RetryPolicy.of(2).deadline(Duration.ofSeconds(9)))
                .circuitBreaker(3, Duration.ofSeconds(4))
                .failureBackoff(Duration.ofSeconds(2), Duration.ofSeconds(3)));
  }

  // ---- Options of several values ----------------------------------------------------------------

  @Test
  void partsOfAllCachesAndOfOneAreJoined() {
    assertHas(
        configured(
            "users",
            "cache-aside.near-cache.max-staleness=5s",
            "cache-aside.caches.users.near-cache.max-entries=7"),
        builder -> builder.nearCache(NearCache.ofEntries(7).maxStaleness(Duration.ofSeconds(5))));
  }

  @Test
  void partsOfAllCachesHaveNoEffectWhereTheOptionIsNotSet() {
    assertHas(
        configured(
            "users",
            "cache-aside.near-cache.max-staleness=5s",
            "CACHE_ASIDE_NEAR_CACHE_WITH_ABSENCES=true",
            "cache-aside.load-retry.first-delay=50ms",
            "cache-aside.failure-backoff.longest=5s"),
        nothing());
  }

  @ParameterizedTest
  @CsvSource({
    "near-cache.max-staleness, near-cache.max-entries",
    "near-cache.with-absences, near-cache.max-entries",
    "load-retry.first-delay, load-retry.max-attempts",
    "load-retry.max-delay, load-retry.max-attempts",
    "load-retry.deadline, load-retry.max-attempts",
    "failure-backoff.longest, failure-backoff.first"
  })
  void aPartForOneCacheIsRefusedWhereTheOptionIsNotSet(String part, String missing) {
    String users = "cache-aside.caches.users.";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> configured("users", users + part + "=5s"))
        .withMessage("%s has no effect without %s. Set that too", users + part, users + missing);
  }

  @Test
  void ofTwoBoundsThatOfTheCacheTakesPrecedence() {
    assertHas(
        configured(
            "users",
            "cache-aside.near-cache.max-entries=7",
            "cache-aside.caches.users.near-cache.max-bytes=7"),
        builder -> builder.nearCache(NearCache.ofBytes(7)));
    assertHas(
        builder("users")
            .configuration(
                lines("cache-aside.early-refresh.after=80%")
                    .overriddenBy(lines("CACHE_ASIDE_EARLY_REFRESH_X_FETCH=1"))),
        builder -> builder.earlyRefresh(EarlyRefresh.xFetch()));
  }

  @Test
  void twoBoundsOfTheSamePrecedenceAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                configured(
                    "users",
                    "cache-aside.near-cache.max-entries=7",
                    "cache-aside.near-cache.max-bytes=7"))
        .withMessage(
            "cache-aside.near-cache.max-entries and cache-aside.near-cache.max-bytes exclude each"
                + " other. Keep one of them");
  }

  @ParameterizedTest
  @CsvSource({
    "near-cache.max-entries=0, maxEntries is 0; use 1 or more",
    "ttl=0ms, 'ttl is 0 s; use at least 1 ms and at most 8,900 years'",
    "ttl=PT-1S, 'ttl is -1 s; use at least 1 ms and at most 8,900 years'",
    "load-timeout=2d, loadTimeout is 172800 s; use at least 1 ms and at most one day",
    "ttl-jitter=100%, ttlJitter is 1.0; use a fraction from 0.0 to less than 1.0",
    "early-refresh.after=0%, fraction is 0.0; use more than 0.0 and less than 1.0",
    "max-payload-bytes=2049MiB, maxPayloadBytes is 2148532224; use at most 2 GiB",
    "max-key-bytes=0, maxKeyBytes is 0; use 1 or more",
    "circuit-breaker.timeouts=0, circuitBreaker timeouts is 0; use 1 or more",
    "load-retry.max-attempts=0, maxAttempts is 0; use at least 1 (1 means: no second try)",
    "invalidation-retry.first-delay=2s, 'first delay is 2 s; use at most the max delay, 1 s'"
  })
  void aValueThatIsRefusedIsNamedWithItsProperty(String property, String reason) {
    String option = property.split("=")[0];
    String value = property.split("=")[1];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> configured("users", "cache-aside.caches.users." + property))
        .withMessage("cache-aside.caches.users.%s = '%s' is refused: %s", option, value, reason);
  }

  @Test
  void aBackOffThatEndsBeforeItBeginsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                configured(
                    "users",
                    "cache-aside.failure-backoff.first=2m",
                    "cache-aside.failure-backoff.longest=10s"))
        .withMessage(
            "cache-aside.failure-backoff.longest = '10s' is refused: failureBackoff begins with"
                + " 120 s and ends with 10 s; the first must not be longer");
  }

  @Test
  void twoGibibytesAreTheMost() {
    assertHas(
        configured("users", "cache-aside.max-payload-bytes=2GiB"),
        builder -> builder.maxPayloadBytes(Integer.MAX_VALUE));
  }

  // ---- Names ------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "users, USERS",
    "user-profiles, USER_PROFILES",
    "user_profiles, USER_PROFILES",
    "user.profiles, USER_PROFILES",
    "user:profiles, USER_PROFILES",
    "user profiles, USER_PROFILES",
    "userProfiles, USER_PROFILES",
    "USER-PROFILES, USER_PROFILES",
    "users2, USERS2",
    "-users-, _USERS_",
    "größe, GRÖßE",
    "ttl, TTL",
    "near-cache, NEAR_CACHE",
    "redis, REDIS",
    "caches, CACHES"
  })
  void aVariableNamesACacheInCapitals(String name, String variable) {
    Configuration configuration = lines("CACHE_ASIDE_CACHES_" + variable + "_TTL=3s");

    assertHas(builder(name).configuration(configuration), ttlOfSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"users", "Users", "user.profiles", "a:b", "a b", "größe", "redis", "ttl"})
  void aNameWithDotsHasTheNameOfTheCacheAsItIs(String name) {
    Configuration configuration =
        lines("cache-aside.caches." + name + ".ttl=3s", "cache-aside.caches.other.ttl=4s");

    assertHas(builder(name).configuration(configuration), ttlOfSeconds(3));
    assertHas(builder(name.toUpperCase(Locale.ROOT)).configuration(configuration), nothing());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache-aside.caches.users.near-cache.max-entries",
        "cacheAside.caches.users.nearCache.maxEntries",
        "CACHE_ASIDE.CACHES.users.NEAR_CACHE.MAX_ENTRIES",
        "cache_aside.caches.users.near_cache.max_entries",
        "CACHE_ASIDE_CACHES_USERS_NEAR_CACHE_MAX_ENTRIES",
        "cache_aside_caches_users_near_cache_max_entries",
        "cacheAsideCachesUsersNearCacheMaxEntries"
      })
  void spellingsAreRelaxed(String property) {
    assertHas(
        configured("users", property + "=7"), builder -> builder.nearCache(NearCache.ofEntries(7)));
  }

  @ParameterizedTest
  @CsvSource({
    "cache-aside.ttl, CACHE_ASIDE_TTL",
    "CACHE_ASIDE_TTL, cache_aside_ttl",
    "CACHE_ASIDE_CACHES_USERS_TTL, cache_aside_caches_users_ttl",
    "cache-aside.caches.users.ttl, CACHE_ASIDE_CACHES_USERS_TTL",
    "cache-aside.absent-ttl, cache-aside.absentTtl"
  })
  void oneSourceThatSetsAnOptionTwiceIsRefused(String one, String other) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> configured("users", one + "=1s", other + "=1s"))
        .withMessageContainingAll(one, other, "are the same option. Keep one of them");
  }

  @Test
  void theNameOfACacheMayBeginWithThatOfAnother() {
    Configuration configuration =
        lines(
            "CACHE_ASIDE_CACHES_USERS_SOFT_TTL=1s",
            "CACHE_ASIDE_CACHES_USERS_TTL=2s",
            "cache-aside.caches.users.old.ttl=3s",
            "cache-aside.caches.users.old.near-cache.max-entries=3");

    assertHas(builder("users").configuration(configuration), ttlOfSeconds(2));
    assertHas(builder("users-soft").configuration(configuration), ttlOfSeconds(1));
    assertHas(
        builder("users.old").configuration(configuration),
        builder -> builder.ttl(Duration.ofSeconds(3)).nearCache(NearCache.ofEntries(3)));
    configuration.requireAllUsed();
  }

  @ParameterizedTest
  @CsvSource({
    "USER_PROFILES_TTL, user-profiles, user_profiles, ttl",
    "USERS_ABSENT_TTL, users, users-absent, ttl",
    "USERS_ABSENT_TTL, users-absent, users, absent-ttl"
  })
  void aVariableThatMayBeForTwoCachesIsRefused(
      String variable, String one, String other, String option) {
    Configuration configuration = lines("CACHE_ASIDE_CACHES_" + variable + "=1s");
    builder(one).configuration(configuration);
    builder(one).configuration(configuration);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(other).configuration(configuration))
        .withMessage(
            "CACHE_ASIDE_CACHES_%s may be for the cache '%s' or for '%s'."
                + " Use a name with dots, such as cache-aside.caches.%s.%s",
            variable, one, other, other, option);
  }

  @Test
  void propertiesOfOthersAreIgnored() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", "/bin");
    environment.put("CACHEASIDE_TTL", "x");
    environment.put("CACHE_ASIDER_TTL", "x");
    environment.put("cache-aside", "x");
    environment.put("cache-aside-demo.ttl", "x");
    environment.put("", "");
    Configuration configuration = Configuration.of(environment);

    assertHas(builder("users").configuration(configuration), nothing());
    assertThat(configuration).hasToString("Configuration[]");
  }

  // ---- Unknown options --------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "cache-aside.near-cache, cache-aside.near-cache.max-entries",
    "cache-aside.caches.users.near-cache, cache-aside.caches.users.near-cache.max-entries",
    "cache-aside.near-cache.size, cache-aside.near-cache.max-bytes",
    "cache-aside.nearcache.max-entries, cache-aside.near-cache.max-entries",
    "cache-aside.near-cache-max-entries, cache-aside.near-cache.max-entries",
    "CACHE_ASIDE_NEAR_CACHE, CACHE_ASIDE_NEAR_CACHE_MAX_ENTRIES",
    "cache-aside.circuit-breaker, cache-aside.circuit-breaker.timeouts",
    "cache-aside.circuit-breaker.treshold, cache-aside.circuit-breaker.timeouts",
    "cache-aside.early-refresh, cache-aside.early-refresh.after",
    "cache-aside.load-retry, cache-aside.load-retry.max-attempts",
    "cache-aside.tttl, cache-aside.ttl",
    "cache-aside.max-payload, cache-aside.max-payload-bytes",
    "cache-aside.caches.users.tttl, cache-aside.caches.users.ttl",
    "CACHE_ASIDE_CACHES_USERS_TTTL, CACHE_ASIDE_CACHES_USERS_TTL",
    "cache-aside.cache.users.ttl, cache-aside.caches.users.ttl",
    "cache-aside.reddis.host, cache-aside.redis.host"
  })
  void anUnknownOptionNamesTheNearestOne(String property, String nearest) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> configured("users", property + "=s3cret"))
        .withMessage(property + " is not an option. The nearest one is " + nearest);
  }

  @Test
  void anUnknownOptionOfTheRedisStoreIsRefusedToo() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> RedisStore.builder().configuration(lines("CACHE_ASIDE_REDIS_PASWORD=s3cret")))
        .withMessage(
            "CACHE_ASIDE_REDIS_PASWORD is not an option."
                + " The nearest one is CACHE_ASIDE_REDIS_PASSWORD");
  }

  // ---- What nobody used -------------------------------------------------------------------------

  @Test
  void aConfigurationThatIsUsedIsFine() {
    Configuration configuration =
        lines(
                "cache-aside.ttl=1s",
                "cache-aside.caches.users.ttl=2s",
                "cache-aside.near-cache.max-staleness=2s",
                "cache-aside.near-cache.max-entries=2",
                "cache-aside.caches.users.near-cache.max-bytes=2",
                "cache-aside.redis.host=h")
            .overriddenBy(lines("CACHE_ASIDE_TTL=1s", "CACHE_ASIDE_REDIS_SERVICE_HOST=10.0.0.7"));

    RedisStore.builder().configuration(configuration);
    builder("users").configuration(configuration);

    assertThatCode(configuration::requireAllUsed).doesNotThrowAnyException();
    assertThatCode(lines()::requireAllUsed).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "cache-aside.caches.user.ttl, user, users",
    "cache-aside.caches.Users.ttl, Users, users",
    "cache-aside.caches.user.tttl, user, users",
    "cache-aside.caches.order.near-cache.max-entries, order, orders",
    "cache-aside.caches.orders.odl.ttl, orders.odl, orders",
    "CACHE_ASIDE_CACHES_USER_TTL, user, users",
    "CACHE_ASIDE_CACHES_USER_ABSENT_TTL, user, users",
    "CACHE_ASIDE_CACHES_ORDERS_ODL_TTL, orders-odl, orders"
  })
  void aCacheThatWasNotBuiltIsNamedWithTheNearest(String property, String name, String nearest) {
    Configuration configuration = lines(property + "=1s", "cache-aside.ttl=1s");
    builder("users").configuration(configuration);
    builder("orders").configuration(configuration);

    assertThatIllegalStateException()
        .isThrownBy(configuration::requireAllUsed)
        .withMessage("%s: no cache '%s' was built; the nearest is '%s'", property, name, nearest);
  }

  @Test
  void eachUnusedSettingHasALine() {
    Configuration configuration =
        lines(
            "cache-aside.ttl=1s",
            "cache-aside.caches.users.ttl=1s",
            "cache-aside.caches.ttl=1s",
            "cache-aside.redis.password=s3cret");

    assertThatIllegalStateException()
        .isThrownBy(configuration::requireAllUsed)
        .withMessage(
            """
            cache-aside.caches.ttl: it names no cache; use cache-aside.caches.<name>.<option>
            cache-aside.caches.users.ttl: no cache was built
            cache-aside.redis.password: no store was built that reads it
            cache-aside.ttl: no cache was built""");
  }

  @Test
  void eachConfigurationRemembersItsOwnUse() {
    Configuration file = lines("cache-aside.ttl=1s");
    Configuration both = file.overriddenBy(lines("CACHE_ASIDE_TTL=1s"));
    builder("users").configuration(both);

    both.requireAllUsed();
    assertThatIllegalStateException().isThrownBy(file::requireAllUsed);
  }

  // ---- The class itself -------------------------------------------------------------------------

  @Test
  void propertiesBringTheirDefaults() {
    Properties defaults = new Properties();
    defaults.setProperty("cache-aside.ttl", "1s");
    Properties properties = new Properties(defaults);
    properties.setProperty("cache-aside.hold-off", "2s");
    properties.put(42, 42);

    assertHas(
        builder("users").configuration(Configuration.of(properties)),
        builder -> builder.ttl(Duration.ofSeconds(1)).holdOff(Duration.ofSeconds(2)));
  }

  @Test
  void aConfigurationIsACopy() {
    Map<String, String> properties = new HashMap<>(Map.of("cache-aside.ttl", "1s"));
    Configuration configuration = Configuration.of(properties);
    properties.put("cache-aside.ttl", "2s");

    assertHas(builder("users").configuration(configuration), ttlOfSeconds(1));
  }

  @Test
  void noValueIsShown() {
    Configuration configuration =
        lines(
            "cache-aside.redis.password=s3cret",
            "CACHE_ASIDE_REDIS_URI=redis://app:s3cret@host",
            "other=s3cret");

    assertThat(configuration)
        .hasToString("Configuration[CACHE_ASIDE_REDIS_URI, cache-aside.redis.password]");
    assertThatIllegalStateException()
        .isThrownBy(configuration::requireAllUsed)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache-aside.redis.host=app:s3cret@host",
        "cache-aside.redis.nodes=a:1,app:s3cret@b:2",
        "cache-aside.redis.port=redis://app:s3cret@host:6379",
        "cache-aside.redis.uri=redis//app:s3cret@host",
        "cache-aside.redis.client-name=app:s3cret@host name",
        "cache-aside.redis.pasword=s3cret"
      })
  void aPasswordInTheWrongPlaceIsNotShown(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisStore.builder().configuration(lines(line)))
        .withMessageContaining(line.substring(0, line.indexOf('=')))
        .satisfies(e -> assertThat(stackTraceOf(e)).doesNotContain("s3cret"));
  }

  private static String stackTraceOf(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Test
  @SuppressWarnings("NullAway")
  void nothingMayBeNull() {
    Map<String, String> withNull = new HashMap<>();
    withNull.put("other", null);
    Configuration.of(withNull);
    withNull.put("cache-aside.ttl", null);

    assertThatNullPointerException()
        .isThrownBy(() -> Configuration.of(withNull))
        .withMessage("cache-aside.ttl");
    assertThatNullPointerException().isThrownBy(() -> builder("users").configuration(null));
    assertThatNullPointerException().isThrownBy(() -> lines().overriddenBy(null));
  }

  @Test
  void buildersOfManyThreadsMayShareIt() throws Exception {
    Map<String, String> properties = new HashMap<>();
    for (int i = 0; i < 50; i++) {
      properties.put("cache-aside.caches.c" + i + ".ttl", (i + 1) + "s");
    }
    Configuration configuration = Configuration.of(properties);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all =
          IntStream.range(0, 50)
              .<Future<?>>mapToObj(
                  i -> threads.submit(() -> builder("c" + i).configuration(configuration)))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdown();
    }
    configuration.requireAllUsed();
  }
}
