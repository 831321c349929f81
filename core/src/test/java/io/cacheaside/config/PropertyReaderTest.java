package io.cacheaside.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PropertyReaderTest {
  private enum Mode {
    FULL,
    CA_ONLY
  }

  private final List<Object> read = new ArrayList<>();

  private static PropertyReader reader(String property, String value) {
    return PropertyReader.of(Map.of(property, value), "cache-aside.redis");
  }

  private static PropertyReader option(String value) {
    return reader("cache-aside.redis.option", value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache-aside.redis.connect-timeout",
        "cache-aside.redis.connectTimeout",
        "cacheAside.redis.connectTimeout",
        "cache_aside.redis.connect_timeout",
        "cache-aside.redis.connect.timeout",
        "CACHE_ASIDE_REDIS_CONNECT_TIMEOUT",
        "cacheAsideRedisConnectTimeout"
      })
  void everySpellingIsTheSameOption(String property) {
    reader(property, "7s").duration("connect-timeout", read::add).finish();

    assertThat(read).containsExactly(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.redis.connect-timeout",
        "cache-aside.redistribution.connect-timeout",
        "cache-aside.redis-2.connect-timeout",
        "cache-aside.redis",
        "CACHE_ASIDE_REDISCONNECT_TIMEOUT",
        ""
      })
  void whatIsNotBelowThePrefixIsNotRead(String property) {
    reader(property, "7s").duration("connect-timeout", read::add).finish();

    assertThat(read).isEmpty();
  }

  @Test
  void anOptionThatIsNotSetIsLeftAlone() {
    PropertyReader.of(Map.of(), "cache-aside").string("prefix", read::add).finish();

    assertThat(read).isEmpty();
  }

  @Test
  void twoSpellingsOfOneOptionAreRefused() {
    Map<String, String> twice =
        Map.of("cache-aside.redis.port", "1", "CACHE_ASIDE_REDIS_PORT", "2");
    PropertyReader reader = PropertyReader.of(twice, "cache-aside.redis");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.integer("port", read::add))
        .withMessage(
            "CACHE_ASIDE_REDIS_PORT and cache-aside.redis.port are the same option."
                + " Keep one of them");
  }

  @ParameterizedTest
  @CsvSource({
    "250ms, PT0.25S",
    "10s, PT10S",
    "10 s, PT10S",
    "' 5m ', PT5M",
    "1h, PT1H",
    "2d, PT48H",
    "PT10S, PT10S",
    "P1DT1S, PT24H1S"
  })
  void durationsHaveAUnit(String value, Duration expected) {
    option(value).duration("option", read::add);

    assertThat(read).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"250", "", "s", "10 sec", "10S", "1.5s", "-1s", "9999999999999999999d"})
  void otherDurationsAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).duration("option", read::add))
        .withMessageStartingWith(
            "cache-aside.redis.option = '%s' cannot be read. Give a duration with its unit", value);
  }

  @Test
  void aDurationThatOverflowsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(Long.MAX_VALUE + "d").duration("option", read::add))
        .withMessageContaining("cannot be read");
  }

  @ParameterizedTest
  @CsvSource({
    "1000B, 1000",
    "64KiB, 65536",
    "16MiB, 16777216",
    "2 GiB, 2147483648",
    "0B, 0",
    "8388607GiB, 9007198180999168"
  })
  void sizesHaveAUnit(String value, long expected) {
    option(value).bytes("option", read::add);

    assertThat(read).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000", "64KB", "64kib", "1.5MiB", "-1B", "", "9999999999GiB"})
  void otherSizesAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).bytes("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read."
                + " Give a size with its unit such as 1000B, 64KiB, 16MiB or 1GiB",
            value);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "FALSE, false", "' True', true"})
  void booleansAreTrueOrFalse(String value, boolean expected) {
    option(value).bool("option", read::add);

    assertThat(read).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "1", ""})
  void otherBooleansAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).bool("option", read::add))
        .withMessage("cache-aside.redis.option = '%s' cannot be read. Give true or false", value);
  }

  @Test
  void numbersAreRead() {
    option(" 42 ").integer("option", read::add);
    option("-0.25").decimal("option", read::add);
    option("1e3").decimal("option", read::add);

    assertThat(read).containsExactly(42, -0.25, 1000.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"12.0", "0x10", "3000000000", "", "1_000"})
  void otherIntegersAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).integer("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read. Give a whole number such as 100",
            value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1e999", "1,5", "1d", ""})
  void otherDecimalsAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).decimal("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read. Give a number such as 0.1", value);
  }

  @Test
  void textIsReadAsItIs() {
    option(" a b ").string("option", read::add);

    assertThat(read).containsExactly(" a b ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca-only", "CA_ONLY", "Ca-Only"})
  void choicesAreRelaxed(String value) {
    option(value).choice("option", Mode.class, read::add);

    assertThat(read).containsExactly(Mode.CA_ONLY);
  }

  @Test
  void otherChoicesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option("none").choice("option", Mode.class, read::add))
        .withMessage("cache-aside.redis.option = 'none' cannot be read. Give one of full, ca-only");
  }

  @Test
  void aRefusalOfTheTargetNamesPropertyAndValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option("0ms").duration("option", duration -> refuse("not positive")))
        .withMessage("cache-aside.redis.option = '0ms' is refused: not positive")
        .withRootCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMisspeltOptionNamesTheNearestOne() {
    PropertyReader reader =
        reader("CACHE_ASIDE_REDIS_CONECT_TIMEOUT", "7s")
            .duration("command-timeout", read::add)
            .duration("connect-timeout", read::add)
            .integer("port", read::add);

    assertThatIllegalArgumentException()
        .isThrownBy(reader::finish)
        .withMessage(
            "CACHE_ASIDE_REDIS_CONECT_TIMEOUT is not an option."
                + " The nearest one is cache-aside.redis.connect-timeout");
  }

  @Test
  void withoutAnyOptionNothingIsSuggested() {
    assertThatIllegalArgumentException()
        .isThrownBy(option("7s")::finish)
        .withMessage("cache-aside.redis.option is not an option. Remove it");
  }

  @Test
  void ignoredScopesAreLeftToOtherReaders() {
    Map<String, String> properties =
        Map.of(
            "cache-aside.ttl", "60s",
            "cache-aside.redis.port", "1",
            "CACHE_ASIDE_REDIS_PORT", "2",
            "cache-aside.caches.users.ttl", "10s");

    PropertyReader.of(properties, "cache-aside")
        .ignoring("redis", "caches")
        .duration("ttl", read::add)
        .finish();

    assertThat(read).containsExactly(Duration.ofSeconds(60));
  }

  @Test
  void anIgnoredScopeEndsAtADot() {
    PropertyReader reader =
        PropertyReader.of(Map.of("cache-aside.redis-mode", "x"), "cache-aside").ignoring("redis");

    assertThatIllegalArgumentException()
        .isThrownBy(reader::finish)
        .withMessageStartingWith("cache-aside.redis-mode is not an option");
  }

  @Test
  void secretsAreHandedOver() {
    option("s3cret").secret("option", secret -> read.add(new String(secret)));

    assertThat(read).containsExactly("s3cret");
  }

  @Test
  void aRefusedSecretIsNotShown() {
    PropertyReader reader = option("s3cret");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.secret("option", secret -> refuse("too short")))
        .withMessage("cache-aside.redis.option (its value is secret) is refused: too short");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.secret("option", secret -> refuse(new String(secret) + " is bad")))
        .withMessage("cache-aside.redis.option (its value is secret) is refused")
        .satisfies(e -> assertThat(stackTraceOf(e)).doesNotContain("s3cret"));
  }

  @Test
  void theValueOfAnUnknownOptionIsNotShown() {
    PropertyReader reader =
        reader("cache-aside.redis.pasword", "s3cret").secret("password", read::add);

    assertThatIllegalArgumentException()
        .isThrownBy(reader::finish)
        .withMessage(
            "cache-aside.redis.pasword is not an option."
                + " The nearest one is cache-aside.redis.password");
  }

  @Test
  void anotherExceptionOfTheTargetPassesThrough() {
    PropertyReader reader = option("x");

    assertThatCode(
            () ->
                reader.string(
                    "option",
                    value -> {
                      throw new IllegalStateException("closed");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("closed");
  }

  private static void refuse(String reason) {
    throw new IllegalArgumentException(reason);
  }

  private static String stackTraceOf(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
