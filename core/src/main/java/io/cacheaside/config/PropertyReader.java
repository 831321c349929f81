package io.cacheaside.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reader of typed options out of text properties, such as an application's configuration or its
 * environment.
 *
 * <pre>{@code
 * PropertyReader.of(properties, "cache-aside.redis")
 *     .duration("connect-timeout", builder::connectTimeout)
 *     .secret("password", builder::password)
 *     .finish();
 * }</pre>
 *
 * <p>An option that is not set is left alone. One that is set is parsed and handed to its target at
 * once; {@link #finish} refuses what is left over under the prefix, so that a misspelt option is
 * not silently ignored.
 *
 * <p><b>Names</b> are relaxed: {@code cache-aside.redis.connect-timeout}, {@code
 * CACHE_ASIDE_REDIS_CONNECT_TIMEOUT} and {@code cacheAside.redis.connectTimeout} are the same
 * option. Dots, dashes, underscores and camel case all separate words; in a name with dots, the
 * prefix has to end at one. Setting an option under two spellings is an error.
 *
 * <p>Variables that Kubernetes sets in the environment of a container for a service whose name
 * begins like the prefix are ignored: {@code CACHE_ASIDE_REDIS_SERVICE_HOST}, {@code
 * CACHE_ASIDE_REDIS_PORT_6379_TCP} and the like, and {@code CACHE_ASIDE_REDIS_PORT} if its value
 * begins with {@code tcp://}, {@code udp://} or {@code sctp://}.
 *
 * <p><b>Errors</b> are {@link IllegalArgumentException}s that name the property as it was written,
 * its value and the fix. An {@code IllegalArgumentException} of a target becomes the reason in such
 * a message. The value of a {@linkplain #secret secret} is in no message, nor is that of an unknown
 * option, which may be a misspelt secret.
 *
 * <p>Not thread-safe. Reads the map only in {@link #of}.
 */
public final class PropertyReader {
  private static final Pattern CAMEL_HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d+) ?([A-Za-z]+)");

  private static final Pattern SERVICE_VARIABLE =
      Pattern.compile(
          "[A-Z0-9_]+_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)"
              + "|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://");

  private record Property(String writtenAs, String name, String value) {
    boolean isIn(String scope) {
      return name.startsWith(scope + (writtenAs.contains(".") ? '.' : '-'));
    }
  }

  private final String prefix;
  private final List<Property> properties;
  private final Set<String> known = new TreeSet<>();

  private PropertyReader(String prefix, List<Property> properties) {
    this.prefix = prefix;
    this.properties = properties;
  }

  /**
   * Creates a reader of the options below a prefix.
   *
   * @param prefix with dots between scopes: {@code cache-aside.redis}
   */
  public static PropertyReader of(Map<String, String> properties, String prefix) {
    List<Property> below = new ArrayList<>();
    String scope = separated(prefix);
    properties.forEach(
        (writtenAs, value) -> {
          String name = nameBelow(scope, writtenAs);
          if (name != null && !isOfKubernetes(writtenAs, value)) {
            below.add(new Property(writtenAs, name, value));
          }
        });
    below.sort(Comparator.comparing(Property::writtenAs));
    return new PropertyReader(prefix, below);
  }

  /** Leaves the options below {@code prefix.scope} to other readers. */
  public PropertyReader ignoring(String... scopes) {
    for (String scope : scopes) {
      properties.removeIf(property -> property.isIn(scope));
    }
    return this;
  }

  /** Reads text, as it is. */
  public PropertyReader string(String option, Consumer<String> target) {
    return read(option, property -> apply(property, property.value(), target));
  }

  /** Reads text whose value is never shown. */
  public PropertyReader secret(String option, Consumer<char[]> target) {
    return read(option, property -> applySecret(property, target));
  }

  /** Reads {@code true} or {@code false}. */
  public PropertyReader bool(String option, Consumer<Boolean> target) {
    return typed(option, "true or false", PropertyReader::parseBoolean, target);
  }

  /** Reads a whole number. */
  public PropertyReader integer(String option, IntConsumer target) {
    return typed(option, "a whole number such as 100", Integer::valueOf, target::accept);
  }

  /** Reads a finite decimal number. */
  public PropertyReader decimal(String option, DoubleConsumer target) {
    return typed(option, "a number such as 0.1", PropertyReader::parseDouble, target::accept);
  }

  /**
   * Reads a duration: a whole number with one of the units {@code ms}, {@code s}, {@code m}, {@code
   * h} and {@code d} (24 hours), or ISO 8601 as in {@link Duration#parse}.
   */
  public PropertyReader duration(String option, Consumer<Duration> target) {
    String form = "a duration with its unit such as 250ms, 10s, 5m, 1h, 2d or PT10S";
    return typed(option, form, PropertyReader::parseDuration, target);
  }

  /**
   * Reads a size: a whole number with one of the units {@code B}, {@code KiB}, {@code MiB} and
   * {@code GiB}, which are powers of 1024.
   */
  public PropertyReader bytes(String option, LongConsumer target) {
    String form = "a size with its unit such as 1000B, 64KiB, 16MiB or 1GiB";
    return typed(option, form, PropertyReader::parseBytes, target::accept);
  }

  /** Reads one of the constants of an enumeration, in any case, with dashes or underscores. */
  public <E extends Enum<E>> PropertyReader choice(
      String option, Class<E> type, Consumer<? super E> target) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      names.add(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return typed(
        option,
        "one of " + String.join(", ", names),
        value -> Enum.valueOf(type, value.toUpperCase(Locale.ROOT).replace('-', '_')),
        target);
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if an option below the prefix has not been read
   */
  public void finish() {
    for (Property property : properties) {
      if (!known.contains(dashed(property.name()))) {
        throw new IllegalArgumentException(
            property.writtenAs() + " is not an option. " + suggestionFor(property));
      }
    }
  }

  private <T> PropertyReader typed(
      String option, String form, Function<String, T> parser, Consumer<? super T> target) {
    return read(option, property -> apply(property, parse(property, form, parser), target));
  }

  private PropertyReader read(String option, Consumer<Property> action) {
    String name = dashed(option);
    known.add(name);
    List<Property> found = matching(property -> dashed(property.name()).equals(name));
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "%s and %s are the same option. Keep one of them"
              .formatted(found.get(0).writtenAs(), found.get(1).writtenAs()));
    }
    found.forEach(action);
    return this;
  }

  private List<Property> matching(Predicate<Property> predicate) {
    return properties.stream().filter(predicate).toList();
  }

  private String suggestionFor(Property property) {
    String name = dashed(property.name());
    return known.stream()
        .min(Comparator.comparingInt(option -> distance(option, name)))
        .map(option -> "The nearest one is %s.%s".formatted(prefix, option))
        .orElse("Remove it");
  }

  private static <T> T parse(Property property, String form, Function<String, T> parser) {
    try {
      return parser.apply(property.value().strip());
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new IllegalArgumentException(
          "%s = '%s' cannot be read. Give %s"
              .formatted(property.writtenAs(), property.value(), form),
          e);
    }
  }

  private static <T> void apply(Property property, T value, Consumer<? super T> target) {
    try {
      target.accept(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s = '%s' is refused: %s"
              .formatted(property.writtenAs(), property.value(), e.getMessage()),
          e);
    }
  }

  private static void applySecret(Property property, Consumer<char[]> target) {
    try {
      target.accept(property.value().toCharArray());
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          "%s (its value is secret) is refused%s"
              .formatted(
                  property.writtenAs(), reason.contains(property.value()) ? "" : ": " + reason));
    }
  }

  /** Returns whether a variable says where a service is whose name begins like the prefix. */
  private static boolean isOfKubernetes(String writtenAs, String value) {
    return SERVICE_VARIABLE.matcher(writtenAs).matches()
        || (writtenAs.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).lookingAt());
  }

  private static @Nullable String nameBelow(String prefix, String writtenAs) {
    String name = separated(writtenAs);
    String start = writtenAs.contains(".") ? prefix + "." : dashed(prefix) + "-";
    return name.startsWith(start) ? name.substring(start.length()) : null;
  }

  private static String separated(String name) {
    return CAMEL_HUMP.matcher(name).replaceAll("-").replace('_', '-').toLowerCase(Locale.ROOT);
  }

  private static String dashed(String name) {
    return name.replace('.', '-');
  }

  private static Boolean parseBoolean(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  /** Unlike {@link Double#parseDouble}, refuses {@code NaN}, {@code Infinity} and {@code 1d}. */
  private static Double parseDouble(String value) {
    double number = new BigDecimal(value).doubleValue();
    if (Double.isInfinite(number)) {
      throw new ArithmeticException("too large");
    }
    return number;
  }

  private static Duration parseDuration(String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    if (!matcher.matches()) {
      return Duration.parse(value);
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> throw new IllegalArgumentException("unknown unit");
    };
  }

  private static Long parseBytes(String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no number with a unit");
    }
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), bytesIn(matcher.group(2)));
  }

  private static long bytesIn(String unit) {
    return switch (unit) {
      case "B" -> 1L;
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      default -> throw new IllegalArgumentException("unknown unit");
    };
  }

  /** Returns the Levenshtein distance of two short words. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
