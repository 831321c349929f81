package io.cacheaside.verification.codec;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_DEFAULT;
import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.verification.codec.Values.Item;
import io.cacheaside.verification.codec.Values.Order;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;

class JsonCodecTest extends StructuredCodecContract {

  @Override
  <V> Codec<V> codec(Type type) {
    JsonMapper mapper = JsonMapper.shared();
    return JsonCodec.of(mapper, mapper.constructType(type));
  }

  @Override
  Codec<Item> withSnakeCase() {
    return JsonCodec.of(
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build(),
        Item.class);
  }

  @Override
  <V> Codec<V> withLossySettings(Class<V> type) {
    return JsonCodec.of(
        JsonMapper.builder()
            .enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(DateTimeFeature.WRITE_DATE_KEYS_AS_TIMESTAMPS)
            .enable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .enable(DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ)
            .enable(DateTimeFeature.TRUNCATE_TO_MSECS_ON_WRITE)
            .enable(DateTimeFeature.WRITE_UTC_AS_OFFSET)
            .enable(EnumFeature.WRITE_ENUMS_USING_TO_STRING)
            .enable(EnumFeature.WRITE_ENUMS_USING_INDEX)
            .enable(EnumFeature.WRITE_ENUM_KEYS_USING_INDEX)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
            .enable(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)
            .disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
            .changeDefaultPropertyInclusion(
                all -> all.withValueInclusion(NON_DEFAULT).withContentInclusion(NON_EMPTY))
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .defaultTimeZone(TimeZone.getTimeZone("Asia/Tokyo"))
            .build(),
        type);
  }

  @Override
  Codec<Item> withDefaultTyping() {
    return JsonCodec.of(
        JsonMapper.builder()
            .activateDefaultTyping(
                BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build(),
                DefaultTyping.NON_FINAL)
            .build(),
        Item.class);
  }

  @Override
  Codec<Item> withStackOverflow() {
    SimpleModule module = new SimpleModule().addDeserializer(Item.class, new Bottomless());
    return JsonCodec.of(JsonMapper.builder().addModule(module).build(), Item.class);
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
    return "{\"next\":".getBytes(UTF_8);
  }

  @Test
  void writesPlainJson() {
    byte[] payload = JsonCodec.of(Item.class).encode(new Item("é", 3, new BigDecimal("0.10")));
    assertThat(new String(payload, UTF_8))
        .isEqualTo("{\"name\":\"é\",\"quantity\":3,\"unitPrice\":0.10}");
  }

  @Test
  void decimalsOfATreeKeepTheirZeroesIfTheMapperReadsDecimals() {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    JsonNode tree = mapper.createObjectNode().put("price", new BigDecimal("1.10"));
    JsonCodec<JsonNode> codec = JsonCodec.of(mapper, JsonNode.class);

    JsonNode read = codec.decode(ByteBuffer.wrap(codec.encode(tree)));

    assertThat(read.get("price").decimalValue()).isEqualTo(new BigDecimal("1.10"));
  }

  @Test
  void takesClassesAndTypeReferences() {
    assertRoundTrip(JsonCodec.of(Order.class), Order.FULL);
    assertRoundTrip(JsonCodec.of(new TypeReference<List<Order>>() {}), List.of(Order.FULL));
    assertRoundTrip(
        JsonCodec.of(JsonMapper.shared(), new TypeReference<List<Order>>() {}),
        List.of(Order.EMPTY));
  }

  @Test
  void refusesJsonAfterTheValueButNotSpace() {
    JsonCodec<Long> codec = JsonCodec.of(Long.class);
    assertThat(codec.decode(utf8(" 12 \n"))).isEqualTo(12);
    for (String json : List.of("12 13", "12,", "12}", "12 x", "12\0")) {
      assertThatThrownBy(() -> codec.decode(utf8(json))).isInstanceOf(CodecException.class);
    }
  }

  @Test
  void keepsTheLimitsOfTheMapper() {
    StreamReadConstraints limits = StreamReadConstraints.builder().maxStringLength(10).build();
    JsonMapper mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build()).build();
    JsonCodec<String> codec = JsonCodec.of(mapper, String.class);
    assertRoundTrip(codec, "0123456789");
    byte[] payload = JsonCodec.of(String.class).encode("0123456789a");
    assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(payload)))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("StreamConstraintsException");
    assertThatThrownBy(() -> codec.encode("0123456789a"))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("never");
  }

  @Test
  void writesNothingThatItCouldNotRead() {
    Type map = Values.generic(Map.class, String.class, String.class);
    assertRoundTrip(this.codec(map), Map.of("k".repeat(50_000), "v"));
    assertNotWritten(map, Map.of("k".repeat(50_001), "v"));
    JsonMapper shallow =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(2).build())
                    .build())
            .build();
    Codec<Object> codec = JsonCodec.of(shallow, Object.class);
    assertRoundTrip(codec, List.of(List.of()));
    assertThatThrownBy(() -> codec.encode(List.of(List.of(List.of()))))
        .isInstanceOf(CodecException.class);
  }

  @Test
  void leavesTheMapperAlone() {
    JsonMapper mapper = JsonMapper.builder().build();
    JsonCodec.of(mapper, Order.class);
    assertThat(mapper.isEnabled(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)).isFalse();
  }

  private static ByteBuffer utf8(String json) {
    return ByteBuffer.wrap(json.getBytes(UTF_8));
  }
}
