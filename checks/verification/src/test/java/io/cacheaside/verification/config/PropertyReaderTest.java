package io.cacheaside.verification.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.config.Configuration;
import io.cacheaside.config.PropertyReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How text becomes the values of options, and what is said of text that does not. */
@Tag("unit")
@Tag("edge")
class PropertyReaderTest {
  private enum Mode {
    FULL,
    CA_ONLY
  }

  private final List<Object> read = new ArrayList<>();

  private static PropertyReader reader(String property, String value) {
    return Configuration.of(Map.of(property, value)).store("redis");
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
    Configuration.of(Map.of()).store("redis").string("prefix", read::add).finish();

    assertThat(read).isEmpty();
  }

  @Test
  void twoSpellingsOfOneOptionAreRefused() {
    Map<String, String> twice =
        Map.of("cache-aside.redis.port", "1", "CACHE_ASIDE_REDIS_PORT", "2");
    PropertyReader reader = Configuration.of(twice).store("redis");

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
    "1h30m, PT1H30M",
    "1h 30m, PT1H30M",
    "1d2h3m4s5ms, PT26H3M4.005S",
    "0ms, PT0S",
    "pt10m, PT10M",
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
  @ValueSource(
      strings = {
        "250",
        "",
        " ",
        "s",
        "10 sec",
        "10S",
        "1.5s",
        "-1s",
        "10M",
        "30m1h",
        "1m1m",
        "1h-30m",
        "10\u00a0s",
        "\u0661\u0660s",
        "\uff11\uff10s",
        "PT",
        "P1Y",
        "PT99999999999999999999S"
      })
  void otherDurationsAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).duration("option", read::add))
        .withMessageStartingWith(
            "cache-aside.redis.option = '%s' cannot be read. Give a duration with its unit such as",
            value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"9223372036854775807d", "9999999999999999999999s", "9223372036854775807s1000ms"})
  void aDurationThatOverflowsIsTooLarge(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).duration("option", read::add))
        .withMessageStartingWith("cache-aside.redis.option = '%s' is too large. Give", value);
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1000",
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
  @ValueSource(
      strings = {"64KB", "64kib", "1.5MiB", "-1B", "-1", "", "MiB", "1  MiB", "\u0661\u0660"})
  void otherSizesAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).bytes("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read."
                + " Give a number of bytes such as 1000, 64KiB, 16MiB or 1GiB",
            value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9999999999GiB", "9223372036854775808"})
  void aSizeThatOverflowsIsTooLarge(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).bytes("option", read::add))
        .withMessageStartingWith("cache-aside.redis.option = '%s' is too large. Give", value);
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
  @ValueSource(strings = {"12.0", "0x10", "", "1_000", "+1", "\u0661\u0660", "\uff11"})
  void otherIntegersAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).integer("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read. Give a whole number such as 100",
            value);
  }

  @Test
  void anIntegerThatOverflowsIsTooLarge() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option("3000000000").integer("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '3000000000' is too large."
                + " Give a whole number such as 100");
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "10%, 0.1",
    "10 %, 0.1",
    "0.5%, 0.005",
    "1e-1, 0.1",
    ".5, 0.5",
    "-1%, -0.01"
  })
  void fractionsMayBePercent(String value, double expected) {
    option(value).fraction("option", read::add);

    assertThat(read).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "1e1%", "10%%", "ten", "\u0661%"})
  void otherFractionsAreRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option(value).fraction("option", read::add))
        .withMessage(
            "cache-aside.redis.option = '%s' cannot be read."
                + " Give a fraction such as 0.1 or 10%%",
            value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1e9999", "1,5", "1d", "", "0x1p3", "\u0661"})
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
                + " The nearest one is CACHE_ASIDE_REDIS_CONNECT_TIMEOUT");
  }

  @Test
  void withoutAnyOptionNothingIsSuggested() {
    assertThatIllegalArgumentException()
        .isThrownBy(option("7s")::finish)
        .withMessage("cache-aside.redis.option is not an option. Remove it");
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
  void whatStandsBeforeAnAtIsNotShown() {
    PropertyReader reader = option("redis://app:s3cret@host");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.integer("option", read::add))
        .withMessageStartingWith("cache-aside.redis.option = '***@host' cannot be read.")
        .satisfies(e -> assertThat(stackTraceOf(e)).doesNotContain("s3cret"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.string("option", value -> refuse("it is " + value)))
        .withMessageStartingWith("cache-aside.redis.option = '***@host' is refused: ")
        .satisfies(e -> assertThat(stackTraceOf(e)).doesNotContain("s3cret"));
  }

  @Test
  void aHugeValueIsShownInPart() {
    String value = "1".repeat(1_000_000);

    for (Consumer<PropertyReader> reading :
        List.<Consumer<PropertyReader>>of(
            reader -> reader.duration("option", read::add),
            reader -> reader.bytes("option", read::add),
            reader -> reader.integer("option", read::add),
            reader -> reader.decimal("option", read::add),
            reader -> reader.bool("option", read::add))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reading.accept(option(value)))
          .satisfies(e -> assertThat(stackTraceOf(e)).hasSizeLessThan(20_000));
    }
  }

  @Test
  void aMessageHasOneLineWhateverIsInNameAndValue() {
    PropertyReader reader = reader("cache-aside.redis.a\nb", "x");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> option("1\nERROR forged").integer("option", read::add))
        .withMessageStartingWith("cache-aside.redis.option = '1\\u000aERROR forged' cannot");
    assertThatIllegalArgumentException()
        .isThrownBy(reader::finish)
        .withMessage("cache-aside.redis.a\\u000ab is not an option. Remove it");
  }

  @Test
  void theOneOfSeveralOptionsThatTakesPrecedenceIsLeft() {
    Configuration configuration =
        Configuration.of(Map.of("cache-aside.redis.a", "1"))
            .overriddenBy(Configuration.of(Map.of("CACHE_ASIDE_REDIS_B", "2")));

    configuration
        .store("redis")
        .oneOf("a", "b", "c")
        .integer("a", read::add)
        .integer("b", read::add)
        .integer("c", read::add)
        .finish();

    assertThat(read).containsExactly(2);
  }

  @Test
  void twoOptionsThatExcludeEachOtherAreRefused() {
    PropertyReader reader =
        Configuration.of(Map.of("cache-aside.redis.a", "1", "cache-aside.redis.b", "2"))
            .store("redis");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.oneOf("a", "b"))
        .withMessage(
            "cache-aside.redis.a and cache-aside.redis.b exclude each other. Keep one of them");
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
