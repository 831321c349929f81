package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.testkit.CodecContract;
import io.cacheaside.verification.codec.Values.Address;
import io.cacheaside.verification.codec.Values.Bearer;
import io.cacheaside.verification.codec.Values.Chain;
import io.cacheaside.verification.codec.Values.Circle;
import io.cacheaside.verification.codec.Values.Group;
import io.cacheaside.verification.codec.Values.Item;
import io.cacheaside.verification.codec.Values.NamedByClass;
import io.cacheaside.verification.codec.Values.NamedByMinimalClass;
import io.cacheaside.verification.codec.Values.Order;
import io.cacheaside.verification.codec.Values.Page;
import io.cacheaside.verification.codec.Values.Scalars;
import io.cacheaside.verification.codec.Values.Shape;
import io.cacheaside.verification.codec.Values.Sprung;
import io.cacheaside.verification.codec.Values.Times;
import io.cacheaside.verification.codec.Values.Trap;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What JSON and MessagePack have in common. */
abstract class StructuredCodecContract {

  abstract <V> Codec<V> codec(Type type);

  /** Makes a codec from a mapper that names properties in snake case. */
  abstract Codec<Item> withSnakeCase();

  /** Makes a codec from a mapper with every setting that loses something. */
  abstract <V> Codec<V> withLossySettings(Class<V> type);

  /** Makes a codec from a mapper with default typing. */
  abstract Codec<Item> withDefaultTyping();

  /** Makes a codec from a mapper that runs out of stack when it reads. */
  abstract Codec<Item> withStackOverflow();

  /** Returns what comes before a {@link Chain} that is the {@code next} of another. */
  abstract byte[] chainLink();

  @Nested
  class OfTexts extends CodecContract<String> {
    @Override
    protected Codec<String> codec() {
      return StructuredCodecContract.this.codec(String.class);
    }

    @Override
    protected List<String> samples() {
      return Texts.ALL;
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfNumbers extends CodecContract<Long> {
    @Override
    protected Codec<Long> codec() {
      return StructuredCodecContract.this.codec(Long.class);
    }

    @Override
    protected List<Long> samples() {
      return List.of(0L, -1L, 127L, 128L, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  @Nested
  class OfBooleans extends CodecContract<Boolean> {
    @Override
    protected Codec<Boolean> codec() {
      return StructuredCodecContract.this.codec(Boolean.class);
    }

    @Override
    protected List<Boolean> samples() {
      return List.of(false, true);
    }
  }

  @Nested
  class OfDoubles extends CodecContract<Double> {
    @Override
    protected Codec<Double> codec() {
      return StructuredCodecContract.this.codec(Double.class);
    }

    @Override
    protected List<Double> samples() {
      return List.of(0.0, -0.0, 0.1, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, 1 / 0.0);
    }
  }

  @Nested
  class OfDecimals extends CodecContract<BigDecimal> {
    @Override
    protected Codec<BigDecimal> codec() {
      return StructuredCodecContract.this.codec(BigDecimal.class);
    }

    @Override
    protected List<BigDecimal> samples() {
      return List.of(
          BigDecimal.ZERO,
          new BigDecimal("1.00"),
          new BigDecimal("0.1"),
          new BigDecimal("1E+30"),
          new BigDecimal("-123456789012345678901234567890.123456789"));
    }
  }

  @Nested
  class OfIntegersOfAnySize extends CodecContract<BigInteger> {
    @Override
    protected Codec<BigInteger> codec() {
      return StructuredCodecContract.this.codec(BigInteger.class);
    }

    @Override
    protected List<BigInteger> samples() {
      return List.of(BigInteger.ZERO, BigInteger.TWO.pow(64), BigInteger.TEN.pow(99).negate());
    }
  }

  @Nested
  class OfBytes extends CodecContract<byte[]> {
    @Override
    protected Codec<byte[]> codec() {
      return StructuredCodecContract.this.codec(byte[].class);
    }

    @Override
    protected List<byte[]> samples() {
      return List.of(new byte[0], new byte[] {0}, new byte[] {-1, 0, 1}, new byte[100_000]);
    }
  }

  @Nested
  class OfNestedRecords extends CodecContract<Order> {
    @Override
    protected Codec<Order> codec() {
      return StructuredCodecContract.this.codec(Order.class);
    }

    @Override
    protected List<Order> samples() {
      return List.of(Order.EMPTY, Order.FULL);
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfScalars extends CodecContract<Scalars> {
    @Override
    protected Codec<Scalars> codec() {
      return StructuredCodecContract.this.codec(Scalars.class);
    }

    @Override
    protected List<Scalars> samples() {
      return List.of(Scalars.SAMPLE, Scalars.OTHER);
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfTimes extends CodecContract<Times> {
    @Override
    protected Codec<Times> codec() {
      return StructuredCodecContract.this.codec(Times.class);
    }

    @Override
    protected List<Times> samples() {
      return List.of(Times.SAMPLE, Times.EXTREME);
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfSealedTypes extends CodecContract<Shape> {
    @Override
    protected Codec<Shape> codec() {
      return StructuredCodecContract.this.codec(Shape.class);
    }

    @Override
    protected List<Shape> samples() {
      return List.of(
          new Circle(0.5),
          new Group(List.of()),
          new Group(List.of(new Circle(1), new Group(List.of(new Circle(2))))));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfListsOfSealedTypes extends CodecContract<List<Shape>> {
    @Override
    protected Codec<List<Shape>> codec() {
      return StructuredCodecContract.this.codec(Values.generic(List.class, Shape.class));
    }

    @Override
    protected List<List<Shape>> samples() {
      return List.of(List.of(), List.of(new Circle(1), new Group(List.of(new Circle(2)))));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfMapsOfLists extends CodecContract<Map<String, List<Item>>> {
    @Override
    protected Codec<Map<String, List<Item>>> codec() {
      return StructuredCodecContract.this.codec(
          Values.generic(Map.class, String.class, Values.generic(List.class, Item.class)));
    }

    @Override
    protected List<Map<String, List<Item>>> samples() {
      return List.of(Map.of(), Map.of("", List.of(), "日本", Order.FULL.items()));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OfGenericRecords extends CodecContract<Page<Address>> {
    @Override
    protected Codec<Page<Address>> codec() {
      return StructuredCodecContract.this.codec(Values.generic(Page.class, Address.class));
    }

    @Override
    protected List<Page<Address>> samples() {
      Address address = new Address("", null);
      return List.of(
          new Page<>(List.of(), 0, Optional.empty()),
          new Page<>(List.of(address, new Address("a", "b")), 1, Optional.of(address)));
    }
  }

  @Nested
  class OfOptionals extends CodecContract<Optional<String>> {
    @Override
    protected Codec<Optional<String>> codec() {
      return StructuredCodecContract.this.codec(Values.generic(Optional.class, String.class));
    }

    @Override
    protected List<Optional<String>> samples() {
      return List.of(Optional.empty(), Optional.of(""), Optional.of("x"));
    }
  }

  @Nested
  class OfAnything extends CodecContract<Object> {
    @Override
    protected Codec<Object> codec() {
      return StructuredCodecContract.this.codec(Object.class);
    }

    @Override
    protected List<Object> samples() {
      return List.of("", 0, false, 0.5, List.of(), Map.of("a", List.of(1, "b", Map.of())));
    }
  }

  @Nested
  class OfLargeValues extends CodecContract<List<String>> {
    @Override
    protected Codec<List<String>> codec() {
      return StructuredCodecContract.this.codec(Values.generic(List.class, String.class));
    }

    @Override
    protected List<List<String>> samples() {
      return List.of(List.of("a"), List.of("large:", Texts.ofTenMegabytes()));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Nested
  class OnTopOfCompression extends CodecContract<Order> {
    @Override
    protected Codec<Order> codec() {
      return StructuredCodecContract.this.<Order>codec(Order.class).gzip();
    }

    @Override
    protected List<Order> samples() {
      Map<String, String> notes = new HashMap<>();
      for (int i = 0; i < 100; i++) {
        notes.put("note " + i, "text " + i);
      }
      return List.of(Order.FULL, new Order(1, false, null, List.of(), notes));
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @Test
  void refusesBytesAfterTheValue() {
    byte[] payload = this.<Item>codec(Item.class).encode(new Item("x", 3, BigDecimal.ONE));
    byte[] twice = Arrays.copyOf(payload, payload.length * 2);
    System.arraycopy(payload, 0, twice, payload.length, payload.length);
    byte[] digit = Arrays.copyOf(payload, payload.length + 1);
    digit[payload.length] = '1';
    assertRefused(Item.class, twice);
    assertRefused(Item.class, digit);
  }

  @Test
  void refusesNull() {
    Codec<Optional<String>> optional = codec(Values.generic(Optional.class, String.class));
    byte[] payload = optional.encode(Optional.empty());
    assertRefused(String.class, payload);
    assertRefused(Order.class, payload);
    assertRefused(int.class, payload);
  }

  @Test
  void refusesValuesThatContainThemselves() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    assertThatThrownBy(() -> codec(Object.class).encode(endless))
        .isInstanceOf(CodecException.class);
  }

  @Test
  void readsEveryDepthItWrites() {
    Codec<Chain> codec = codec(Chain.class);
    Chain chain = new Chain(null);
    int depth = 0;
    byte[] payload = codec.encode(chain);
    while (payload != null) {
      assertThat(codec.encode(codec.decode(ByteBuffer.wrap(payload)))).isEqualTo(payload);
      chain = new Chain(chain);
      depth++;
      payload = encodeIfNotTooDeep(codec, chain);
    }
    assertThat(depth).isBetween(100, 500);
  }

  @Nested
  class OfTimesOfDatabases extends CodecContract<Values.SqlTimes> {
    @Override
    protected Codec<Values.SqlTimes> codec() {
      return StructuredCodecContract.this.codec(Values.SqlTimes.class);
    }

    @Override
    protected List<Values.SqlTimes> samples() {
      return List.of(Values.SqlTimes.SAMPLE, Values.SqlTimes.EARLY);
    }

    @Override
    protected boolean detectsTruncation() {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"America/New_York", "UTC", "Asia/Tokyo", "Pacific/Kiritimati"})
  void timesOfDatabasesDoNotDependOnTheTimeZone(String zone) {
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone(zone));
      Codec<Values.SqlTimes> codec = codec(Values.SqlTimes.class);
      assertRoundTrip(codec, Values.SqlTimes.SAMPLE);
      assertRoundTrip(codec, Values.SqlTimes.EARLY);
      assertRoundTrip(codec(java.sql.Date.class), java.sql.Date.valueOf("2026-11-30"));
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @Test
  void writesNoNumberThatItCouldNotRead() {
    BigInteger longest = BigInteger.TEN.pow(999);
    assertRoundTrip(codec(BigInteger.class), longest);
    assertRoundTrip(codec(BigInteger.class), longest.negate().divide(BigInteger.TEN));
    BigInteger tooLong = longest.multiply(BigInteger.TEN);
    BigDecimal tooExact = BigDecimal.ONE.movePointLeft(1_000).add(BigDecimal.ONE);
    assertNotWritten(BigInteger.class, tooLong);
    assertNotWritten(BigDecimal.class, tooExact);
    assertNotWritten(Item.class, new Item("x", 1, tooExact));
    assertNotWritten(Values.generic(List.class, BigInteger.class), List.of(tooLong));
    assertNotWritten(
        Values.generic(Map.class, String.class, BigInteger.class), Map.of("a", tooLong));
  }

  final <V> void assertNotWritten(Type type, V value) {
    assertThatThrownBy(() -> codec(type).encode(value))
        .isInstanceOf(CodecException.class)
        .hasStackTraceContaining("never");
  }

  @Test
  void refusesWhatTheStackIsTooSmallFor() {
    ByteBuffer payload = ByteBuffer.wrap(withStackOverflow().encode(Order.FULL.items().get(0)));
    assertThatThrownBy(() -> withStackOverflow().decode(payload))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("too deep for the stack");
  }

  private static byte @Nullable [] encodeIfNotTooDeep(Codec<Chain> codec, Chain chain) {
    try {
      return codec.encode(chain);
    } catch (CodecException e) {
      assertThat(e).hasStackTraceContaining("nest");
      return null;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 100_000})
  void refusesDeepPayloads(int depth) {
    byte[] link = chainLink();
    byte[] payload = new byte[link.length * depth];
    for (int i = 0; i < depth; i++) {
      System.arraycopy(link, 0, payload, i * link.length, link.length);
    }
    assertRefused(Chain.class, payload);
    assertRefused(Object.class, payload);
    assertRefused(Item.class, payload);
  }

  @ParameterizedTest
  @MethodSource("unpairedSurrogates")
  void carriesExactlyOrRefusesTextThatIsNotUnicode(String text) {
    for (Object value : List.of(text, Map.of(text, 1), Map.of("a", text))) {
      try {
        byte[] payload = codec(Object.class).encode(value);
        assertThat(codec(Object.class).decode(ByteBuffer.wrap(payload))).isEqualTo(value);
      } catch (CodecException e) {
        assertThat(e).hasMessageContaining("java.lang.Object");
      }
    }
  }

  static List<String> unpairedSurrogates() {
    return Texts.UNPAIRED_SURROGATES;
  }

  @Test
  void takesTheSettingsOfAMapper() {
    Item item = new Item("x", 3, new BigDecimal("0.10"));
    byte[] payload = withSnakeCase().encode(item);
    assertThat(new String(payload, UTF_8)).contains("unit_price");
    assertThat(withSnakeCase().decode(ByteBuffer.wrap(payload))).isEqualTo(item);
  }

  @Test
  void staysExactWhateverAMapperSays() {
    assertRoundTrip(withLossySettings(Times.class), Times.SAMPLE);
    assertRoundTrip(withLossySettings(Times.class), Times.EXTREME);
    assertRoundTrip(withLossySettings(Scalars.class), Scalars.SAMPLE);
    assertRoundTrip(withLossySettings(Order.class), Order.EMPTY);
  }

  @Test
  void refusesDefaultTyping() {
    assertThatIllegalArgumentException()
        .isThrownBy(this::withDefaultTyping)
        .withMessageContaining("default typing")
        .withMessageContaining("deactivate it");
  }

  @ParameterizedTest
  @ValueSource(classes = {NamedByClass.class, NamedByMinimalClass.class, Bearer.class})
  void refusesTypesWhoseSubtypesAreNamedByClass(Class<?> type) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec(type))
        .withMessageContaining(type.getName());
  }

  @Test
  void createsNoClassThatAPayloadNames() {
    for (Type type : List.of(Shape.class, Object.class, Order.class, Item.class, Address.class)) {
      for (String property : List.of("kind", "@class", "@type", "@c", "class")) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(property, Trap.NAME);
        object.put("anything", 1);
        decodeQuietly(type, object);
        decodeQuietly(type, List.of(Trap.NAME, object));
      }
    }
    assertThat(Sprung.sprung).as("the class in the payload was initialised").isFalse();
  }

  private void decodeQuietly(Type type, Object value) {
    byte[] payload = codec(Object.class).encode(value);
    Throwable thrown = catchThrowable(() -> codec(type).decode(ByteBuffer.wrap(payload)));
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(CodecException.class);
    }
  }

  @Test
  void namesThePlaceOfAProblemAndNeverTheData() {
    Type type = Values.generic(Map.class, String.class, Values.generic(List.class, Item.class));
    Map<String, Object> secrets =
        Map.of("s3cret key", List.of(Map.of("name", "s3cret name", "quantity", "s3cret number")));
    byte[] payload = codec(Object.class).encode(secrets);
    assertThatThrownBy(() -> codec(type).decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasNoCause()
        .hasMessageContaining("MismatchedInputException at $.*[0].quantity")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void saysWhyAValueCannotBeWritten() {
    record Failing() {
      public String getName() {
        throw new IllegalStateException("not now");
      }
    }
    assertThatThrownBy(() -> codec(Failing.class).encode(new Failing()))
        .isInstanceOf(CodecException.class)
        .hasRootCauseMessage("not now");
  }

  final void assertRefused(Type type, byte[] payload) {
    assertThatThrownBy(() -> codec(type).decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class);
  }

  static <V> void assertRoundTrip(Codec<V> codec, V value) {
    assertThat(codec.decode(ByteBuffer.wrap(codec.encode(value)))).isEqualTo(value);
  }
}
