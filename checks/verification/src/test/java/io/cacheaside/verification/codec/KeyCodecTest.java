package io.cacheaside.verification.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cacheaside.codec.KeyCodec;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of each type have a text, and different keys have different ones. */
class KeyCodecTest {

  enum Currency {
    NOK,
    EUR {
      @Override
      public String toString() {
        return "€";
      }
    }
  }

  record PriceKey(String country, long product) {}

  record Nothing() {}

  record Text(String text) {}

  record Texts(String first, String second) {}

  record Deep(Texts texts, Nothing nothing, String last) {}

  record Scalars(
      boolean flag,
      char letter,
      byte tiny,
      short small,
      int number,
      long big,
      Boolean boxedFlag,
      Character boxedLetter,
      Byte boxedTiny,
      Short boxedSmall,
      Integer boxedNumber,
      Long boxedBig,
      UUID id,
      Currency currency) {}

  record Moment(LocalTime time, Currency currency, DayOfWeek day) {}

  @Test
  void simpleKeysAreTheirOwnText() {
    UUID id = new UUID(1, 2);
    assertThat(KeyCodec.string().encode("a:%")).isEqualTo("a:%");
    assertThat(KeyCodec.number().encode(Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    assertThat(KeyCodec.integer().encode(Integer.MIN_VALUE)).isEqualTo("-2147483648");
    assertThat(KeyCodec.uuid().encode(id)).isEqualTo("00000000-0000-0001-0000-000000000002");
    assertThat(KeyCodec.of(int.class).encode(7)).isEqualTo("7");
    assertThat(KeyCodec.of(LocalDate.class).encode(LocalDate.EPOCH)).isEqualTo("1970-01-01");
  }

  @Test
  void constantsAreTheirNames() {
    assertThat(KeyCodec.ofEnum(Currency.class).encode(Currency.NOK)).isEqualTo("NOK");
    assertThat(KeyCodec.ofEnum(Currency.class).encode(Currency.EUR)).isEqualTo("EUR");
    assertThat(KeyCodec.of(Currency.class).encode(Currency.EUR)).isEqualTo("EUR");
  }

  @Test
  void recordsAreTheirComponents() {
    assertText(new PriceKey("NO", 7), "NO:7");
    assertText(new PriceKey("", -1), ":-1");
    assertText(new PriceKey("a:b%", 7), "a%3Ab%25:7");
    assertText(new Moment(LocalTime.NOON, Currency.EUR, DayOfWeek.MONDAY), "12%3A00:EUR:MONDAY");
    assertText(new Deep(new Texts("a", "b"), new Nothing(), "c"), "a:b:c");
    UUID id = new UUID(0, 0);
    assertText(
        new Scalars(
            true,
            ':',
            (byte) 1,
            (short) 2,
            3,
            4,
            false,
            'x',
            (byte) 5,
            (short) 6,
            7,
            8L,
            id,
            Currency.EUR),
        "true:%3A:1:2:3:4:false:x:5:6:7:8:" + id + ":EUR");
  }

  @Test
  void noTextIsEmpty() {
    assertText(new Nothing(), "%");
    assertText(new Text(""), "%");
    assertText(new Text("%"), "%25");
    assertText(new Text(":"), "%3A");
    assertText(new Texts("", ""), ":");
    assertText(new Deep(new Texts("", ""), new Nothing(), ""), "::");
  }

  private static void assertText(Record key, String text) {
    assertThat(codecOf(key).encode(key)).isEqualTo(text);
  }

  @SuppressWarnings("unchecked")
  private static KeyCodec<Record> codecOf(Record key) {
    return KeyCodec.ofRecord((Class<Record>) key.getClass());
  }

  /** Texts that look like separators, escapes, and parts of each other. */
  private static final List<String> TRICKY =
      List.of(
          "",
          ":",
          "::",
          "%",
          "%%",
          "%3",
          "%3A",
          "%3a",
          "%25",
          "%253A",
          "3A",
          "25",
          "a",
          "a:",
          ":a",
          "a:b",
          "a%3Ab",
          "b",
          "\0",
          "\n",
          "\\",
          "\\:",
          "é",
          "e\u0301",
          "\uD83D\uDE00",
          "1:a",
          "null");

  @Test
  void trickyRecordsHaveTextsOfTheirOwn() {
    List<Record> pairs = new ArrayList<>();
    List<Record> triples = new ArrayList<>();
    for (String a : TRICKY) {
      for (String b : TRICKY) {
        pairs.add(new Texts(a, b));
        TRICKY.forEach(c -> triples.add(new Deep(new Texts(a, b), new Nothing(), c)));
      }
    }
    assertInjective(pairs);
    assertInjective(triples);
    assertInjective(TRICKY.stream().map(Text::new).toList());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomRecordsHaveTextsOfTheirOwn(long seed) {
    Random random = new Random(seed);
    List<Record> keys = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      keys.add(new Texts(tricky(random), tricky(random)));
    }
    assertInjective(keys);
    assertInjective(
        keys.stream().map(key -> new Deep((Texts) key, new Nothing(), tricky(random))).toList());
  }

  private static String tricky(Random random) {
    return random
        .ints(random.nextInt(6), 0, 7)
        .mapToObj(i -> ":%235Aa".substring(i, i + 1))
        .reduce("", String::concat);
  }

  /** Equal records have one text, and different records have different ones, none of them empty. */
  private static void assertInjective(List<? extends Record> keys) {
    KeyCodec<Record> codec = codecOf(keys.get(0));
    Map<String, Record> byText = new HashMap<>();
    for (Record key : keys) {
      String text = codec.encode(key);
      Record other = byText.put(text, key);
      assertThat(other == null || other.equals(key)).as("%s and %s", key, other).isTrue();
    }
    assertThat(byText).doesNotContainKey("").hasSize(new HashSet<>(keys).size());
  }

  @Test
  void theComponentsCanBeReadFromTheText() {
    KeyCodec<Texts> codec = KeyCodec.ofRecord(Texts.class);
    Random random = new Random(4);
    for (int i = 0; i < 10_000; i++) {
      Texts key = new Texts(tricky(random), tricky(random));
      String[] parts = codec.encode(key).split(":", -1);
      assertThat(Arrays.stream(parts).map(KeyCodecTest::unescaped))
          .containsExactly(key.first(), key.second());
    }
  }

  private static String unescaped(String part) {
    return part.replace("%3A", ":").replace("%25", "%");
  }

  /** A type of {@code java.time}: some of its values, and what reads their texts. */
  private record Time<T>(Class<T> type, Function<String, T> parser, Supplier<T> values) {
    @Override
    public String toString() {
      return type.getSimpleName();
    }
  }

  static Stream<Time<?>> times() {
    Random random = new Random(5);
    Supplier<LocalDate> date = () -> LocalDate.ofEpochDay(anyOf(random, ChronoField.EPOCH_DAY));
    Supplier<LocalTime> time =
        () ->
            LocalTime.of(
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(2) * random.nextInt(60),
                nanos(random));
    Supplier<LocalDateTime> both = () -> LocalDateTime.of(date.get(), time.get());
    Supplier<ZoneOffset> offset =
        () -> ZoneOffset.ofTotalSeconds(random.nextInt(3) * (random.nextInt(36_001) - 18_000));
    List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
    Supplier<ZoneId> zone =
        () ->
            random.nextBoolean()
                ? offset.get()
                : ZoneId.of(zones.get(random.nextInt(zones.size())));
    Supplier<Instant> instant =
        () -> Instant.ofEpochSecond(anyOf(random, ChronoField.EPOCH_DAY) * 86_399, nanos(random));
    return Stream.of(
        new Time<>(Instant.class, Instant::parse, instant),
        new Time<>(LocalDate.class, LocalDate::parse, date),
        new Time<>(LocalTime.class, LocalTime::parse, time),
        new Time<>(LocalDateTime.class, LocalDateTime::parse, both),
        new Time<>(
            OffsetTime.class, OffsetTime::parse, () -> OffsetTime.of(time.get(), offset.get())),
        new Time<>(
            OffsetDateTime.class,
            OffsetDateTime::parse,
            () -> OffsetDateTime.of(both.get(), offset.get())),
        new Time<>(
            ZonedDateTime.class,
            ZonedDateTime::parse,
            () -> ZonedDateTime.of(both.get(), zone.get())),
        new Time<>(ZoneId.class, ZoneId::of, zone),
        new Time<>(ZoneOffset.class, ZoneOffset::of, offset),
        new Time<>(
            Duration.class,
            Duration::parse,
            () -> Duration.ofSeconds(random.nextLong() >> random.nextInt(64), nanos(random))),
        new Time<>(
            Period.class,
            Period::parse,
            () -> Period.of(anyInt(random), anyInt(random), anyInt(random))),
        new Time<>(MonthDay.class, MonthDay::parse, () -> MonthDay.from(date.get())),
        new Time<>(
            YearMonth.class,
            text -> YearMonth.from(LocalDate.parse(withSign(text) + "-01")),
            () -> YearMonth.from(date.get())),
        new Time<>(
            Year.class, text -> Year.of(Integer.parseInt(text)), () -> Year.from(date.get())));
  }

  /** A year of more than four digits begins with a sign in a date, and not in a month. */
  private static String withSign(String month) {
    return month.startsWith("-") || month.length() <= "2026-10".length() ? month : "+" + month;
  }

  private static long anyOf(Random random, ChronoField field) {
    long any = random.nextLong() >> random.nextInt(64);
    return field.range().isValidValue(any) ? any : any % field.range().getMaximum();
  }

  private static int anyInt(Random random) {
    return random.nextInt() >> random.nextInt(32);
  }

  private static int nanos(Random random) {
    return random.nextInt(2) * random.nextInt(1_000_000_000) / 1_000 * 1_000 + random.nextInt(2);
  }

  @ParameterizedTest
  @MethodSource("times")
  <T> void timesCanBeReadFromTheirText(Time<T> time) {
    KeyCodec<T> codec = KeyCodec.of(time.type());
    for (int i = 0; i < 5_000; i++) {
      T value = time.values().get();
      assertThat(time.parser().apply(codec.encode(value))).isEqualTo(value);
    }
  }

  @Test
  void theFirstAndTheLastInstantAreDifferentKeys() {
    KeyCodec<Instant> codec = KeyCodec.of(Instant.class);
    for (Instant instant : List.of(Instant.MIN, Instant.EPOCH, Instant.MAX)) {
      assertThat(Instant.parse(codec.encode(instant))).isEqualTo(instant);
    }
  }

  record OfText(@Nullable String text, @Nullable Texts texts) {}

  @Test
  void aNullComponentIsRefusedWithItsName() {
    KeyCodec<OfText> codec = KeyCodec.ofRecord(OfText.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.encode(new OfText(null, new Texts("s3cret", ""))))
        .withMessageStartingWith("component 'text' of record " + OfText.class.getTypeName())
        .withMessageContainingAll("is null", "use a value that stands for none", "KeyCodec")
        .withMessageNotContaining("s3cret");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.encode(new OfText("s3cret", null)))
        .withMessageContaining("component 'texts' of record")
        .withMessageNotContaining("s3cret");
  }

  record OfDecimal(BigDecimal price) {}

  record OfGeneric<T>(T any) {}

  record OfArray(String[] parts) {}

  record OfList(List<String> parts) {}

  record OfDouble(String name, double number) {}

  record OfDoubles(OfDouble first) {}

  @Test
  void aComponentOfAnotherTypeIsRefusedWithTheFix() {
    assertRefused(OfDecimal.class, "'price' of record " + OfDecimal.class.getTypeName());
    assertRefused(OfDecimal.class, "is a java.math.BigDecimal");
    assertRefused(OfGeneric.class, "'any'", "is a T");
    assertRefused(OfArray.class, "'parts'", "java.lang.String[]");
    assertRefused(OfList.class, "'parts'", "java.util.List<java.lang.String>");
    assertRefused(OfDoubles.class, "'number' of record " + OfDouble.class.getTypeName(), "double");
  }

  private static void assertRefused(Class<? extends Record> type, String... words) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyCodec.ofRecord(type))
        .withMessageContainingAll(words)
        .withMessageEndingWith("write a KeyCodec: key -> ...");
  }

  @ParameterizedTest
  @ValueSource(classes = {BigDecimal.class, Object.class, Record.class, Enum.class, double.class})
  void keysOfAnotherTypeAreRefused(Class<?> type) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyCodec.of(type))
        .withMessageContainingAll(type.getTypeName(), "or write a KeyCodec");
  }

  record Node(String name, Node next) {}

  record Branch(Leaf leaf) {}

  record Leaf(Branch branch) {}

  record Twice(Texts first, Texts second) {}

  @Test
  void aRecordMayContainAnotherTwiceButNeverItself() {
    assertText(new Twice(new Texts("a", "b"), new Texts("c", "d")), "a:b:c:d");
    assertRefused(Node.class, Node.class.getTypeName() + " contains itself");
    assertRefused(Branch.class, Branch.class.getTypeName() + " contains itself");
  }

  private record Hidden(String name) {
    @Override
    public String name() {
      if (name.isEmpty()) {
        throw new IllegalStateException("not now");
      }
      return name;
    }
  }

  @Test
  void privateAndLocalRecordsAreRead() {
    record Local(String name, int number) {}
    assertText(new Hidden("a"), "a");
    assertText(new Local("a", 1), "a:1");
  }

  @Test
  void theFailureOfAnAccessorReachesTheCaller() {
    Hidden key = new Hidden("");
    assertThatIllegalStateException()
        .isThrownBy(() -> codecOf(key).encode(key))
        .withMessage("not now");
  }

  @ParameterizedTest
  @ValueSource(strings = {"opens", "exports"})
  void aRecordOfANamedModuleIsReadIfItsPackageIsOpen(String directive, @TempDir Path folder)
      throws Exception {
    Class<? extends Record> type = keyOfModule(folder, directive + " shop;");
    assertText(type.getConstructor(int.class).newInstance(7), "7");
  }

  @Test
  void aRecordOfANamedModuleThatIsClosedIsRefusedWithTheFix(@TempDir Path folder) throws Exception {
    Class<? extends Record> type = keyOfModule(folder, "");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KeyCodec.ofRecord(type))
        .withMessageContainingAll("shop.Key", "add \"opens shop", ";\" to the module-info of keys");
  }

  /** Compiles and loads a module with a record. */
  private static Class<? extends Record> keyOfModule(Path folder, String directive)
      throws Exception {
    Path module = folder.resolve("module-info.java");
    Path key = Files.createDirectory(folder.resolve("shop")).resolve("Key.java");
    Files.writeString(module, "module keys { " + directive + " }");
    Files.writeString(key, "package shop; public record Key(int number) {}");
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), module.toString(), key.toString());
    assertThat(failed).isZero();
    ModuleLayer layer = ModuleLayer.boot();
    Configuration modules =
        layer.configuration().resolve(ModuleFinder.of(folder), ModuleFinder.of(), Set.of("keys"));
    return layer
        .defineModulesWithOneLoader(modules, ClassLoader.getSystemClassLoader())
        .findLoader("keys")
        .loadClass("shop.Key")
        .asSubclass(Record.class);
  }

  @Test
  void codecsSayWhatTheyEncode() {
    assertThat(KeyCodec.string()).hasToString("KeyCodec[String]");
    assertThat(KeyCodec.integer()).hasToString("KeyCodec[Integer]");
    assertThat(KeyCodec.ofEnum(Currency.class)).hasToString("KeyCodec[Currency]");
    assertThat(KeyCodec.ofRecord(PriceKey.class)).hasToString("KeyCodec[PriceKey]");
  }
}
