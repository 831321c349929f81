package io.cacheaside.config;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A reader of typed options out of a {@link Configuration}, for the builders of caches and stores.
 *
 * <pre>{@code
 * configuration.store("redis")
 *     .duration("connect-timeout", builder::connectTimeout)
 *     .secret("password", builder::password)
 *     .finish();
 * }</pre>
 *
 * <p>Options are named with dots and dashes, such as {@code near-cache.max-entries}. An option that
 * is not set is left alone. One that is set is parsed and handed to its target at once; {@link
 * #finish} refuses options that were not read, so that a misspelt one is not silently ignored.
 *
 * <p><b>Errors</b> are {@link IllegalArgumentException}s that name the property as it was written,
 * its value and the fix. An {@code IllegalArgumentException} of a target becomes the reason in such
 * a message. No message contains the value of a {@linkplain #secret secret}, what stands before an
 * {@code @} in a value, or the value of an unknown option, which may be a misspelt secret.
 *
 * <p>Not thread-safe.
 */
public final class PropertyReader {

  private static final Comparator<Found> PRECEDENCE =
      Comparator.comparing(Found::isOwn).thenComparing(found -> found.setting().layer());

  /**
   * An option that is set.
   *
   * @param scope what its full name begins with
   * @param option its name; with dashes instead of dots if the setting has no dots
   * @param isOwn whether it is set for one cache, not for all
   */
  record Found(Setting setting, String scope, String option, boolean isOwn) {
    boolean isNamed(String name) {
      return setting.isSpelling(option, name);
    }
  }

  private final Configuration configuration;
  private final @Nullable String cache;
  private final List<Found> all;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * Creates a reader.
   *
   * @param cache the cache whose options are read; null for a store
   */
  PropertyReader(Configuration configuration, @Nullable String cache, List<Found> all) {
    this.configuration = configuration;
    this.cache = cache;
    this.all = all;
  }

  /** Reads text, as it is. */
  public PropertyReader string(String option, Consumer<String> target) {
    return read(option, found -> apply(found, found.setting().value(), target));
  }

  /** Reads text whose value is never shown. */
  public PropertyReader secret(String option, Consumer<char[]> target) {
    return read(option, found -> applySecret(found, target));
  }

  /** Reads {@code true} or {@code false}. */
  public PropertyReader bool(String option, Consumer<Boolean> target) {
    return typed(option, Form.BOOLEAN, target);
  }

  /** Reads a whole number. */
  public PropertyReader integer(String option, IntConsumer target) {
    return typed(option, Form.WHOLE_NUMBER, target::accept);
  }

  /** Reads a finite decimal number. */
  public PropertyReader decimal(String option, DoubleConsumer target) {
    return typed(option, Form.NUMBER, target::accept);
  }

  /** Reads a fraction: a finite decimal number, or one of percent such as {@code 10%}. */
  public PropertyReader fraction(String option, DoubleConsumer target) {
    return typed(option, Form.FRACTION, target::accept);
  }

  /**
   * Reads a duration: whole numbers with the units {@code d} (24 hours), {@code h}, {@code m},
   * {@code s} and {@code ms}, in this order, such as {@code 10m} or {@code 1h30m}; or ISO 8601 as
   * in {@link Duration#parse}.
   */
  public PropertyReader duration(String option, Consumer<Duration> target) {
    return typed(option, Form.DURATION, target);
  }

  /**
   * Reads a size: a whole number of bytes, or of one of the units {@code B}, {@code KiB}, {@code
   * MiB} and {@code GiB}, which are powers of 1024.
   */
  public PropertyReader bytes(String option, LongConsumer target) {
    return typed(option, Form.BYTES, target::accept);
  }

  /** Reads one of the constants of an enumeration, in any case, with dashes or underscores. */
  public <E extends Enum<E>> PropertyReader choice(
      String option, Class<E> type, Consumer<? super E> target) {
    return typed(option, Form.oneOf(type), target);
  }

  /**
   * Leaves one of several options that exclude each other: the one that takes precedence. To be
   * called before they are read.
   *
   * @throws IllegalArgumentException if none of them takes precedence
   */
  public PropertyReader oneOf(String... options) {
    List<Found> set = Stream.of(options).flatMap(option -> strongest(option).stream()).toList();
    strongest(set, "exclude each other")
        .ifPresent(
            winner ->
                Stream.of(options).filter(option -> !winner.isNamed(option)).forEach(this::drop));
    return this;
  }

  /**
   * Says that options have no effect without another one. If that is missing, they are ignored
   * where they are set for all caches, and refused where they are set for this one. To be called
   * before they are read.
   *
   * @param need the option that they need
   * @param isThere whether it is set
   */
  public PropertyReader need(String need, boolean isThere, String... options) {
    for (String option : isThere ? new String[0] : options) {
      strongest(option).filter(Found::isOwn).ifPresent(found -> refuseWithout(need, found));
      drop(option);
    }
    return this;
  }

  private static void refuseWithout(String need, Found found) {
    throw new IllegalArgumentException(
        "%s has no effect without %s. Set that too"
            .formatted(found.setting(), found.setting().inThisForm(found.scope() + need)));
  }

  private void drop(String option) {
    all.removeIf(found -> found.isNamed(option));
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if an option has not been read
   */
  public void finish() {
    if (cache != null) {
      configuration.cachesHave(known);
    }
    all.stream().filter(this::isUnknown).findFirst().ifPresent(this::refuseUnknown);
  }

  private boolean isUnknown(Found found) {
    return known.stream().noneMatch(found::isNamed)
        && found.setting().cachesThatHave(known).isEmpty();
  }

  private void refuseUnknown(Found found) {
    throw new IllegalArgumentException(found.setting() + " is not an option. " + suggestion(found));
  }

  private String suggestion(Found found) {
    String otherScope = found.setting().withNearestScope();
    if (otherScope != null) {
      return "The nearest one is " + otherScope;
    }
    return Spelling.nearest(found.option(), known)
        .map(option -> found.setting().inThisForm(found.scope() + option))
        .map(option -> "The nearest one is " + option)
        .orElse("Remove it");
  }

  private <T> PropertyReader typed(String option, Form<T> form, Consumer<? super T> target) {
    return read(option, found -> apply(found, form.read(found.setting()), target));
  }

  private PropertyReader read(String option, Consumer<Found> action) {
    known.add(option);
    strongest(option).ifPresent(action);
    return this;
  }

  private Optional<Found> strongest(String option) {
    List<Found> set = all.stream().filter(found -> found.isNamed(option)).toList();
    set.forEach(found -> configuration.use(found.setting(), found.isOwn() ? cache : null, option));
    return strongest(set, "are the same option");
  }

  private static Optional<Found> strongest(List<Found> set, String conflict) {
    List<Found> sorted = set.stream().sorted(PRECEDENCE).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (PRECEDENCE.compare(sorted.get(i - 1), sorted.get(i)) == 0) {
        throw new IllegalArgumentException(
            "%s and %s %s. Keep one of them"
                .formatted(sorted.get(i - 1).setting(), sorted.get(i).setting(), conflict));
      }
    }
    return sorted.stream().reduce((weaker, stronger) -> stronger);
  }

  private static <T> void apply(Found found, T value, Consumer<? super T> target) {
    try {
      target.accept(value);
    } catch (IllegalArgumentException e) {
      throw found.setting().mayHoldSecret()
          ? refused(found, "what stands before the @ is not shown", null)
          : refused(found, e.getMessage(), e);
    }
  }

  private static IllegalArgumentException refused(
      Found found, @Nullable String reason, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "%s = '%s' is refused: %s".formatted(found.setting(), found.setting().shownValue(), reason),
        cause);
  }

  private static void applySecret(Found found, Consumer<char[]> target) {
    String value = found.setting().value();
    try {
      target.accept(value.toCharArray());
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          "%s (its value is secret) is refused%s"
              .formatted(found.setting(), reason.contains(value) ? "" : ": " + reason));
    }
  }
}
