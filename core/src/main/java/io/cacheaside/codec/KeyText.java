package io.cacheaside.codec;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The types that have an exact text. */
final class KeyText {

  /** Of each of these two values are equal exactly if their {@code toString} is. */
  private static final Set<Class<?>> EXACT_AS_TEXT =
      Set.of(
          String.class,
          boolean.class,
          Boolean.class,
          char.class,
          Character.class,
          byte.class,
          Byte.class,
          short.class,
          Short.class,
          int.class,
          Integer.class,
          long.class,
          Long.class,
          UUID.class,
          Duration.class,
          Instant.class,
          LocalDate.class,
          LocalDateTime.class,
          LocalTime.class,
          MonthDay.class,
          OffsetDateTime.class,
          OffsetTime.class,
          Period.class,
          Year.class,
          YearMonth.class,
          ZoneId.class,
          ZoneOffset.class,
          ZonedDateTime.class);

  static final String FIX =
      "use a String, a whole number, an enum, or a record of such, or write a KeyCodec: key -> ...";

  private KeyText() {}

  /**
   * Returns the text of the keys of a type.
   *
   * @throws IllegalArgumentException if the type has none
   */
  static Function<Object, String> of(Class<?> type) {
    Function<Object, String> text = type.isRecord() ? new RecordText(type) : ofSimple(type);
    if (text == null) {
      throw new IllegalArgumentException(
          "keys of the type %s have no text of their own; %s".formatted(type.getTypeName(), FIX));
    }
    return text;
  }

  /** Returns the text of the values of a type that is no record; null if there is none. */
  static @Nullable Function<Object, String> ofSimple(Class<?> type) {
    if (type.isEnum()) {
      return constant -> ((Enum<?>) constant).name();
    }
    return EXACT_AS_TEXT.contains(type) ? Object::toString : null;
  }
}
