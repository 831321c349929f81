package io.cacheaside.verification.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper.DefaultTyping;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.msgpack.MessagePackCodec;
import io.cacheaside.verification.codec.Values.Chain;
import io.cacheaside.verification.codec.Values.Item;
import io.cacheaside.verification.codec.Values.Order;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.jackson.dataformat.MessagePackMapper;
import org.msgpack.jackson.dataformat.TimestampExtensionModule;

class MessagePackCodecTest extends StructuredCodecContract {

  @Override
  <V> Codec<V> codec(Type type) {
    MessagePackMapper mapper = mapper();
    return MessagePackCodec.of(mapper, mapper.constructType(type));
  }

  @Override
  Codec<Item> withSnakeCase() {
    MessagePackMapper mapper = mapper();
    mapper.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    return MessagePackCodec.of(mapper, Item.class);
  }

  @Override
  <V> Codec<V> withLossySettings(Class<V> type) {
    MessagePackMapper mapper = mapper();
    mapper.enable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    mapper.enable(SerializationFeature.WRITE_DATE_KEYS_AS_TIMESTAMPS);
    mapper.enable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS);
    mapper.enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING);
    mapper.enable(SerializationFeature.WRITE_ENUMS_USING_INDEX);
    mapper.enable(SerializationFeature.WRITE_ENUM_KEYS_USING_INDEX);
    mapper.enable(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED);
    mapper.disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS);
    mapper.enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
    mapper.setDefaultPropertyInclusion(JsonInclude.Include.NON_DEFAULT);
    mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    mapper.setTimeZone(TimeZone.getTimeZone("Asia/Tokyo"));
    return MessagePackCodec.of(mapper, type);
  }

  @Override
  Codec<Item> withDefaultTyping() {
    MessagePackMapper mapper = mapper();
    mapper.activateDefaultTyping(
        BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build(),
        DefaultTyping.NON_FINAL);
    return MessagePackCodec.of(mapper, Item.class);
  }

  @Override
  Codec<Item> withStackOverflow() {
    SimpleModule module = new SimpleModule().addDeserializer(Item.class, new Bottomless());
    MessagePackMapper mapper = mapper();
    mapper.registerModule(module);
    return MessagePackCodec.of(mapper, Item.class);
  }

  private static final class Bottomless extends StdDeserializer<Item> {
    private static final long serialVersionUID = 1L;

    Bottomless() {
      super(Item.class);
    }

    @Override
    public Item deserialize(JsonParser parser, DeserializationContext context) {
      throw new StackOverflowError();
    }
  }

  @Override
  byte[] chainLink() {
    return new byte[] {(byte) 0x81, (byte) 0xa4, 'n', 'e', 'x', 't'};
  }

  private static MessagePackMapper mapper() {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModules(new JavaTimeModule(), new Jdk8Module());
    return mapper;
  }

  @Test
  void takesClassesAndTypeReferences() {
    assertRoundTrip(MessagePackCodec.of(Order.class), Order.FULL);
    assertRoundTrip(MessagePackCodec.of(Values.Times.class), Values.Times.SAMPLE);
    assertRoundTrip(MessagePackCodec.of(new TypeReference<List<Order>>() {}), List.of(Order.FULL));
    assertRoundTrip(
        MessagePackCodec.of(mapper(), new TypeReference<List<Order>>() {}), List.of(Order.EMPTY));
  }

  @Test
  void writesBytesAsTheyAre() {
    byte[] payload = MessagePackCodec.of(byte[].class).encode(new byte[] {1, 2, 3});
    assertThat(payload).isEqualTo(new byte[] {(byte) 0xc4, 3, 1, 2, 3});
  }

  @Test
  void writesPartsOfArrays() {
    record Part(ByteBuffer bytes) {}
    ByteBuffer middle = ByteBuffer.wrap("0123456789".getBytes(UTF_8), 3, 4).slice();
    assertRoundTrip(MessagePackCodec.of(Part.class), new Part(middle));
    record Letters(char[] letters) {}
    Codec<Letters> letters = MessagePackCodec.of(Letters.class);
    byte[] payload = letters.encode(new Letters("aé€".toCharArray()));
    assertThat(letters.decode(ByteBuffer.wrap(payload)).letters()).isEqualTo("aé€".toCharArray());
  }

  @Test
  void refusesTextThatIsNotUnicodeWherever() {
    for (Object value : List.of("\uD83D", Map.of("\uD83D", 1), new char[] {'\uD83D'})) {
      assertThatThrownBy(() -> MessagePackCodec.of(Object.class).encode(value))
          .isInstanceOf(CodecException.class)
          .hasStackTraceContaining("unpaired surrogate");
    }
  }

  @Test
  void takesTheExtensionTypesOfAMapper() {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModule(TimestampExtensionModule.INSTANCE);
    MessagePackCodec<Instant> codec = MessagePackCodec.of(mapper, Instant.class);
    Instant instant = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
    assertThat(codec.encode(instant)).hasSize(10);
    assertRoundTrip(codec, instant);
  }

  @Test
  void keepsTheDepthLimitOfTheMapper() {
    MessagePackMapper mapper = mapper();
    mapper
        .getFactory()
        .setStreamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(2).build());
    MessagePackCodec<Chain> codec = MessagePackCodec.of(mapper, Chain.class);
    assertRoundTrip(codec, new Chain(new Chain(null)));
    Chain deeper = new Chain(new Chain(new Chain(null)));
    byte[] payload = MessagePackCodec.of(Chain.class).encode(deeper);
    assertThatThrownBy(() -> codec.encode(deeper)).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("StreamConstraintsException");
  }

  @Test
  void leavesTheMapperAlone() {
    MessagePackMapper mapper = mapper();
    MessagePackCodec.of(mapper, Order.class);
    assertThat(mapper.isEnabled(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)).isTrue();
    assertThat(mapper.getFactory().getCodec()).isSameAs(mapper);
  }

  /** Java 17 takes its charset from the locale, and a container may well have none. */
  @ParameterizedTest
  @ValueSource(strings = {"US-ASCII", "ISO-8859-1", "UTF-8"})
  void carriesTextWhateverThePlatform(String charset) throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=" + charset,
                "-cp",
                System.getProperty("java.class.path"),
                OtherPlatform.class.getName(),
                charset)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.PIPE)
            .start();
    String output = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertThat(java.waitFor()).as(output).isZero();
  }

  /** Carries text with the default charset of the JVM it runs in. */
  static final class OtherPlatform {
    record Text(String word, Map<String, List<String>> texts, char[] letters) {}

    public static void main(String[] arguments) {
      if (Runtime.version().feature() < 18) {
        assertThat(Charset.defaultCharset()).isEqualTo(Charset.forName(arguments[0]));
      }
      assertRoundTrip(
          MessagePackCodec.of(new TypeReference<Map<String, List<String>>>() {}),
          Map.of("é", Texts.ALL, "日本語".repeat(50), List.of("ü", "€")));
      Codec<Text> codec = MessagePackCodec.of(Text.class);
      Text text = new Text("ß", Map.of("é", List.of("ü")), new char[] {'€'});
      Text decoded = codec.decode(ByteBuffer.wrap(codec.encode(text)));
      assertThat(decoded).usingRecursiveComparison().isEqualTo(text);
      assertRoundTrip(MessagePackCodec.of(Values.Shape.class), new Values.Circle(1));
      assertRoundTrip(MessagePackCodec.of(Order.class), Order.FULL);
      assertRoundTrip(MessagePackCodec.of(BigDecimal.class), new BigDecimal("1.10"));
    }
  }
}
