package io.cacheaside.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A form that text must have.
 *
 * @param description with an example
 * @param parser throws an {@link ArithmeticException} for what is too large, and an {@link
 *     IllegalArgumentException} or {@link DateTimeException} for what has not the form
 */
record Form<T>(String description, Function<String, T> parser) {
  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,40}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,40}\\.?\\d{0,40}|\\.\\d{1,40})([eE][+-]?\\d{1,3})?");
  private static final Pattern PERCENT = Pattern.compile("(.*\\S) ?%");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,40}) ?(B|KiB|MiB|GiB)?");
  private static final Pattern TIMES =
      Pattern.compile(
          "(?=.)(?:(\\d{1,40}) ?d)? ?(?:(\\d{1,40}) ?h)? ?(?:(\\d{1,40}) ?m)?"
              + " ?(?:(\\d{1,40}) ?s)? ?(?:(\\d{1,40}) ?ms)?");
  private static final List<Duration> UNITS =
      List.of(
          Duration.ofDays(1),
          Duration.ofHours(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(1));

  static final Form<Boolean> BOOLEAN = new Form<>("true or false", Form::parseBoolean);
  static final Form<Integer> WHOLE_NUMBER =
      new Form<>("a whole number such as 100", Form::parseInteger);
  static final Form<Double> NUMBER = new Form<>("a number such as 0.1", Form::parseDouble);
  static final Form<Double> FRACTION =
      new Form<>("a fraction such as 0.1 or 10%", Form::parseFraction);
  static final Form<Duration> DURATION =
      new Form<>(
          "a duration with its unit such as 250ms, 10s, 5m, 1h30m, 2d or PT10S",
          Form::parseDuration);
  static final Form<Long> BYTES =
      new Form<>("a number of bytes such as 1000, 64KiB, 16MiB or 1GiB", Form::parseBytes);

  /** Returns the form of one of the constants of an enumeration, in any case, with dashes. */
  static <E extends Enum<E>> Form<E> oneOf(Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      names.add(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return new Form<>(
        "one of " + String.join(", ", names),
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException that names the property, its value and an example
   */
  T read(Setting setting) {
    try {
      return parser.apply(setting.value().strip());
    } catch (ArithmeticException tooLarge) {
      throw refused(setting, "is too large");
    } catch (IllegalArgumentException | DateTimeException wrongForm) {
      throw refused(setting, "cannot be read");
    }
  }

  private IllegalArgumentException refused(Setting setting, String reason) {
    return new IllegalArgumentException(
        "%s = '%s' %s. Give %s".formatted(setting, setting.shownValue(), reason, description));
  }

  private static Boolean parseBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static Integer parseInteger(String text) {
    return new BigInteger(matching(INTEGER, text).group()).intValueExact();
  }

  /** Unlike {@link Double#parseDouble}, refuses {@code NaN}, {@code Infinity} and {@code 1d}. */
  private static Double parseDouble(String text) {
    double number = new BigDecimal(matching(DECIMAL, text).group()).doubleValue();
    if (Double.isInfinite(number)) {
      throw new ArithmeticException("beyond double");
    }
    return number;
  }

  private static Double parseFraction(String text) {
    Matcher percent = PERCENT.matcher(text);
    return percent.matches() ? parseDouble(percent.group(1) + "e-2") : parseDouble(text);
  }

  private static Duration parseDuration(String text) {
    Matcher times = TIMES.matcher(text);
    if (!times.matches()) {
      return Duration.parse(text);
    }
    Duration sum = Duration.ZERO;
    for (int i = 0; i < UNITS.size(); i++) {
      String count = times.group(i + 1);
      sum = count == null ? sum : sum.plus(UNITS.get(i).multipliedBy(parseLong(count)));
    }
    return sum;
  }

  private static Long parseBytes(String text) {
    Matcher size = matching(SIZE, text);
    return Math.multiplyExact(parseLong(size.group(1)), bytesIn(size.group(2)));
  }

  private static long bytesIn(@Nullable String unit) {
    return switch (unit == null ? "B" : unit) {
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      default -> 1L;
    };
  }

  private static long parseLong(String digits) {
    return new BigInteger(digits).longValueExact();
  }

  private static Matcher matching(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not of this form");
    }
    return matcher;
  }
}
