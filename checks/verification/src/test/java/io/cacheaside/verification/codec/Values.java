package io.cacheaside.verification.codec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The types that formats have to carry. */
final class Values {
  private Values() {}

  record Address(String street, @Nullable String city) {}

  record Item(String name, int quantity, BigDecimal unitPrice) {}

  record Order(
      long id,
      boolean paid,
      @Nullable Address address,
      List<Item> items,
      Map<String, String> notes) {
    static final Order FULL =
        new Order(
            Long.MAX_VALUE,
            true,
            new Address("Rämistrasse 1", "Zürich 👍"),
            List.of(
                new Item("", 0, new BigDecimal("0.10")),
                new Item("x", -1, new BigDecimal("12345678901234567890.123456789"))),
            Map.of("", "", "a.b", "1", "ключ", Texts.UNICODE));
    static final Order EMPTY = new Order(0, false, null, List.of(), Map.of());
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Group.class, name = "group")
  })
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Group(List<Shape> shapes) implements Shape {}

  record SqlTimes(
      java.sql.Timestamp moment, java.sql.Date date, java.sql.Time time, java.util.Date old) {
    static final SqlTimes SAMPLE = of("2026-11-30T23:59:59.123456789Z");
    static final SqlTimes EARLY = of("1900-01-01T00:00:00.000000001Z");

    private static SqlTimes of(String text) {
      Instant instant = Instant.parse(text);
      return new SqlTimes(
          java.sql.Timestamp.from(instant),
          new java.sql.Date(instant.toEpochMilli()),
          new java.sql.Time(instant.toEpochMilli()),
          java.util.Date.from(instant));
    }
  }

  record Page<T>(List<T> content, int number, Optional<T> first) {}

  record Chain(@Nullable Chain next) {}

  enum Size {
    SMALL,
    LARGE;

    @Override
    public String toString() {
      return "size";
    }
  }

  record Scalars(
      byte aByte,
      short aShort,
      char aChar,
      float aFloat,
      double aDouble,
      @Nullable Integer noInteger,
      BigInteger integer,
      BigDecimal decimal,
      Size size,
      UUID uuid,
      Optional<String> text,
      Optional<Size> nothing,
      OptionalInt number) {
    static final Scalars SAMPLE =
        new Scalars(
            Byte.MIN_VALUE,
            Short.MAX_VALUE,
            '€',
            Float.MIN_VALUE,
            -0.0,
            null,
            BigInteger.TWO.pow(200).negate(),
            new BigDecimal("-1.500E+30"),
            Size.LARGE,
            UUID.fromString("0190163d-8694-739b-aea5-966c26f8ad91"),
            Optional.of(""),
            Optional.empty(),
            OptionalInt.of(0));
    static final Scalars OTHER =
        new Scalars(
            (byte) 0,
            (short) 0,
            '\0',
            Float.NaN,
            Double.NEGATIVE_INFINITY,
            0,
            BigInteger.ONE.shiftLeft(64),
            new BigDecimal("1.00"),
            Size.SMALL,
            new UUID(0, 0),
            Optional.empty(),
            Optional.of(Size.SMALL),
            OptionalInt.empty());
  }

  record Times(
      Instant instant,
      LocalDate date,
      LocalTime time,
      LocalDateTime dateTime,
      OffsetTime offsetTime,
      OffsetDateTime offsetDateTime,
      ZonedDateTime zonedDateTime,
      ZonedDateTime utc,
      Duration duration,
      Period period,
      Year year,
      YearMonth yearMonth,
      MonthDay monthDay,
      DayOfWeek dayOfWeek,
      ZoneId zone,
      ZoneOffset offset,
      Map<Instant, LocalDate> byInstant,
      Map<ZonedDateTime, LocalTime> byZonedDateTime) {

    /** With nanoseconds everywhere, and in the hour that Berlin has twice. */
    static final Times SAMPLE =
        new Times(
            Instant.ofEpochSecond(-1, 1),
            LocalDate.of(2024, 2, 29),
            LocalTime.of(23, 59, 59, 999_999_999),
            LocalDateTime.of(1, 1, 1, 0, 0, 0, 1),
            OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHoursMinutes(5, 45)),
            OffsetDateTime.of(2026, 3, 4, 5, 6, 7, 8, ZoneOffset.ofHours(-11)),
            ZonedDateTime.ofLocal(
                LocalDateTime.of(2026, 10, 25, 2, 30, 0, 123_456_789),
                ZoneId.of("Europe/Berlin"),
                ZoneOffset.ofHours(1)),
            ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneId.of("UTC")),
            Duration.ofSeconds(-1, 1),
            Period.of(1, -2, 30),
            Year.of(-44),
            YearMonth.of(9999, 12),
            MonthDay.of(2, 29),
            DayOfWeek.SUNDAY,
            ZoneId.of("UTC"),
            ZoneOffset.UTC,
            Map.of(Instant.EPOCH.plusNanos(1), LocalDate.EPOCH),
            Map.of(Instant.EPOCH.plusNanos(1).atZone(ZoneId.of("Asia/Tokyo")), LocalTime.NOON));

    static final Times EXTREME =
        new Times(
            Instant.MAX,
            LocalDate.MIN,
            LocalTime.MIDNIGHT,
            LocalDateTime.MAX,
            OffsetTime.MIN,
            OffsetDateTime.of(LocalDateTime.of(-1, 1, 1, 0, 0), ZoneOffset.MAX),
            ZonedDateTime.of(12_345, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
            ZonedDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Period.ZERO,
            Year.of(Year.MAX_VALUE),
            YearMonth.of(0, 1),
            MonthDay.of(1, 1),
            DayOfWeek.MONDAY,
            ZoneId.of("America/Argentina/Buenos_Aires"),
            ZoneOffset.MIN,
            Map.of(),
            Map.of());
  }

  /** A class nobody may create because a payload says so. */
  static final class Trap {
    static final String NAME = "io.cacheaside.verification.codec.Values$Trap";

    static {
      Sprung.sprung = true;
    }

    public int anything;
  }

  /** Whether {@link Trap} was initialised. */
  static final class Sprung {
    static volatile boolean sprung;

    private Sprung() {}
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
  interface NamedByClass {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS)
  interface NamedByMinimalClass {}

  record Bearer(List<Map<String, NamedByClass>> inside) {}

  /** Returns the type that {@code raw<arguments>} is in source code. */
  static Type generic(Class<?> raw, Type... arguments) {
    return new ParameterizedType() {
      @Override
      public Type[] getActualTypeArguments() {
        return arguments;
      }

      @Override
      public Type getRawType() {
        return raw;
      }

      @Override
      public @Nullable Type getOwnerType() {
        return raw.getDeclaringClass();
      }
    };
  }
}
