package io.cacheaside.fuzzing;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A value of about all types that formats have to carry. */
record Document(
    boolean flag,
    byte aByte,
    short aShort,
    char aChar,
    int anInt,
    long aLong,
    float aFloat,
    double aDouble,
    @Nullable String text,
    @Nullable BigInteger integer,
    @Nullable BigDecimal decimal,
    @Nullable UUID uuid,
    @Nullable DayOfWeek day,
    @SuppressWarnings("NullableOptional") @Nullable Optional<String> optional,
    @Nullable Instant instant,
    @Nullable LocalDate date,
    @Nullable LocalDateTime dateTime,
    @Nullable OffsetDateTime offsetDateTime,
    @Nullable ZonedDateTime zonedDateTime,
    @Nullable Duration duration,
    @Nullable List<String> list,
    @Nullable Map<String, Long> map,
    @Nullable Map<Instant, String> byInstant,
    @Nullable Shape shape,
    @Nullable Document next) {

  /** Something of which there are several kinds. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Group.class, name = "group")
  })
  sealed interface Shape {}

  record Circle(double radius) implements Shape {}

  record Group(List<Shape> shapes) implements Shape {}

  private static final long MAX_SECOND = Instant.MAX.getEpochSecond();
  private static final List<String> ZONES = ZoneId.getAvailableZoneIds().stream().sorted().toList();

  /** Returns the value that an input says. */
  static Document of(Input in, int depth) {
    Instant instant = instant(in);
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(in.below(64_801) - 32_400);
    Instant inYears = Instant.ofEpochSecond(instant.getEpochSecond() % (1L << 38), in.number(2));
    return new Document(
        in.flag(),
        (byte) in.next(),
        (short) in.number(2),
        character(in),
        (int) in.number(4),
        in.number(8),
        Float.intBitsToFloat((int) in.number(4)),
        Double.longBitsToDouble(in.number(8)),
        in.text(),
        new BigInteger(nonEmpty(in.part())),
        new BigDecimal(new BigInteger(nonEmpty(in.part())), in.next() - 128),
        new UUID(in.number(8), in.number(8)),
        DayOfWeek.of(1 + in.below(7)),
        Optional.of(in.text()),
        instant,
        LocalDate.ofEpochDay(in.number(4) - (1L << 31)),
        LocalDateTime.ofEpochSecond(inYears.getEpochSecond(), inYears.getNano(), offset),
        inYears.atOffset(offset),
        inYears.atZone(zone(in, offset)),
        Duration.ofSeconds(in.number(8), in.number(4) % 1_000_000_000),
        texts(in),
        numbers(in),
        Map.of(instant, in.text()),
        shape(in, 3),
        depth == 0 || !in.flag() ? null : of(in, depth - 1));
  }

  private static char character(Input in) {
    char c = (char) in.number(2);
    return Character.isSurrogate(c) ? 'x' : c;
  }

  private static byte[] nonEmpty(byte[] bytes) {
    return bytes.length == 0 ? new byte[1] : bytes;
  }

  private static Instant instant(Input in) {
    return Instant.ofEpochSecond(in.number(8) % MAX_SECOND, in.number(4) % 1_000_000_000);
  }

  private static ZoneId zone(Input in, ZoneOffset offset) {
    int choice = in.below(4);
    return switch (choice) {
      case 0 -> offset;
      case 1 -> ZoneId.ofOffset("UTC", offset);
      case 2 -> ZoneId.ofOffset("GMT", offset);
      default -> ZoneId.of(ZONES.get(in.below(ZONES.size())));
    };
  }

  private static List<String> texts(Input in) {
    List<String> texts = new ArrayList<>();
    for (int left = in.below(3); left > 0; left--) {
      texts.add(in.text());
    }
    return texts;
  }

  private static Map<String, Long> numbers(Input in) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (int left = in.below(3); left > 0; left--) {
      numbers.put(name(in), in.number(8));
    }
    return numbers;
  }

  /** Jackson 3 writes names with unpaired surrogates, and refuses to read them. */
  private static String name(Input in) {
    return in.text().replaceAll("\\p{Cs}", "x");
  }

  private static Shape shape(Input in, int depth) {
    if (depth == 0 || in.flag()) {
      return new Circle(Double.longBitsToDouble(in.number(8)));
    }
    List<Shape> shapes = new ArrayList<>();
    for (int left = in.below(3); left > 0; left--) {
      shapes.add(shape(in, depth - 1));
    }
    return new Group(shapes);
  }
}
