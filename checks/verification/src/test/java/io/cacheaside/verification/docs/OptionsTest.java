package io.cacheaside.verification.docs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.ReadOptions;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.zstd.ZstdCodec;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/options.md has every option there is, no other, and the defaults that the code has. */
@Tag("docs")
class OptionsTest {
  private static final Pattern HEADING = Pattern.compile("## [^`]*(?:`(.*)`)?");
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| ([^|]+) \\|.*");

  static List<Object> builders() {
    return List.of(
        CacheAside.builder("options", Codec.string()),
        ReadOptions.defaults(),
        NearCache.ofEntries(1),
        RetryPolicy.of(3),
        RedisStore.builder(),
        InMemoryStore.builder(),
        ZstdCodec.builder(Codec.string()));
  }

  @ParameterizedTest
  @MethodSource("builders")
  void everyOptionHasARow(Object builder) {
    assertThat(documented(builder).keySet()).isEqualTo(options(builder));
  }

  @ParameterizedTest
  @MethodSource("builders")
  void defaultsAreThoseOfTheCode(Object builder) {
    documented(builder)
        .forEach(
            (option, stated) -> {
              String actual = defaultOf(builder, option);
              if (actual != null) {
                assertThat(stated).as(option).isEqualTo(actual);
              }
            });
  }

  /** Returns the methods that return what they are called on. */
  private static Set<String> options(Object builder) {
    return Arrays.stream(builder.getClass().getMethods())
        .filter(it -> it.getReturnType() == builder.getClass())
        .filter(it -> !Modifier.isStatic(it.getModifiers()))
        .map(Method::getName)
        .collect(Collectors.toSet());
  }

  /** Returns the rows of the section of a builder: each option with its default. */
  private static Map<String, String> documented(Object builder) {
    Class<?> type = builder.getClass();
    Class<?> outer = type.getEnclosingClass();
    String name = (outer == null ? "" : outer.getSimpleName() + ".") + type.getSimpleName();
    Map<String, String> rows = new LinkedHashMap<>();
    String section = "";
    for (String line : Documents.lines("docs/options.md")) {
      var heading = HEADING.matcher(line);
      var row = ROW.matcher(line);
      if (heading.matches()) {
        section = String.valueOf(heading.group(1));
      } else if (section.equals(name) && row.matches()) {
        rows.put(row.group(1), row.group(2).replace("`", "").strip());
      }
    }
    return rows;
  }

  /** Returns the default of an option as the page has to write it; null if that cannot be told. */
  private static @Nullable String defaultOf(Object builder, String option) {
    try {
      Field field = builder.getClass().getDeclaredField(option);
      field.setAccessible(true);
      return written(option, field.get(builder));
    } catch (NoSuchFieldException e) {
      return null;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static @Nullable String written(String option, @Nullable Object value) {
    if (value instanceof Duration time) {
      return time.toMillisPart() == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    } else if (value instanceof Number number && option.endsWith("Bytes")) {
      return size(number.longValue());
    } else if (value instanceof Integer number) {
      return String.format(Locale.ROOT, "%,d", number);
    } else if (value instanceof RetryPolicy policy) {
      return requireNonNull(
          Map.of(
                  RetryPolicy.none().toString(), "RetryPolicy.none()",
                  RetryPolicy.of(3).toString(), "RetryPolicy.of(3)")
              .get(policy.toString()));
    } else {
      boolean isText = value instanceof String || value instanceof Double;
      return isText || value instanceof Boolean || value instanceof Enum<?> ? value + "" : null;
    }
  }

  private static String size(long bytes) {
    return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }
}
