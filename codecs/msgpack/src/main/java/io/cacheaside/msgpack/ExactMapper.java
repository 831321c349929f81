package io.cacheaside.msgpack;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.jsontype.PolymorphicTypeValidator;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.msgpack.jackson.dataformat.MessagePackFactory;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/** A copy of an application's mapper that loses nothing and creates no class a payload names. */
final class ExactMapper extends ObjectMapper {
  private static final long serialVersionUID = 1L;

  private static final CoercionInputShape[] SCALARS = {
    CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
  };

  ExactMapper(MessagePackMapper mapper, boolean lenient) {
    super(mapper, new ExactFactory((MessagePackFactory) mapper.getFactory()));
    setPolymorphicTypeValidator(new NoClassNames());
    setAnnotationIntrospectors(
        AnnotationIntrospector.pair(
            new WriteAll(), getSerializationConfig().getAnnotationIntrospector()),
        AnnotationIntrospector.pair(
            new WriteAll(), getDeserializationConfig().getAnnotationIntrospector()));
    setDefaultPropertyInclusion(WriteAll.ALWAYS);
    registerModule(new NumbersAsText(getFactory().streamReadConstraints().getMaxNumberLength()));
    registerModule(new SqlTimes());
    registerModule(new OrderedSets());
    configureReading();
    configureWriting();
    configureVersions(lenient);
  }

  DeserializationContext readingContext() throws IOException {
    return createDeserializationContext(
        getFactory().createParser(MessagePackCodec.NOTHING), getDeserializationConfig());
  }

  /** A copy of a mapper has no builder, which Jackson prefers for features of the mapper. */
  @SuppressWarnings("deprecation")
  private void configureReading() {
    enable(
        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
        DeserializationFeature.FAIL_ON_INVALID_SUBTYPE,
        DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS);
    disable(
        DeserializationFeature.READ_ENUMS_USING_TO_STRING,
        DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL,
        DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE,
        DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);
    configure(MapperFeature.USE_GETTERS_AS_SETTERS, false);
    configure(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES, false);
    configure(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS, false);
    configure(MapperFeature.ACCEPT_CASE_INSENSITIVE_VALUES, false);
    configure(EnumFeature.READ_ENUM_KEYS_USING_INDEX, false);
    configure(JsonNodeFeature.READ_NULL_PROPERTIES, true);
  }

  @SuppressWarnings("deprecation")
  private void configureWriting() {
    enable(
        SerializationFeature.WRITE_DATES_WITH_ZONE_ID,
        SerializationFeature.WRITE_NULL_MAP_VALUES,
        SerializationFeature.WRITE_EMPTY_JSON_ARRAYS);
    disable(
        SerializationFeature.WRITE_ENUMS_USING_TO_STRING,
        SerializationFeature.WRITE_ENUMS_USING_INDEX,
        SerializationFeature.WRITE_ENUM_KEYS_USING_INDEX,
        SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
        SerializationFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE,
        SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS,
        SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS,
        SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED,
        SerializationFeature.WRITE_SELF_REFERENCES_AS_NULL);
    configure(EnumFeature.WRITE_ENUMS_TO_LOWERCASE, false);
    configure(JsonNodeFeature.WRITE_NULL_PROPERTIES, true);
    configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false);
  }

  /** Refuses what another version of a class has written, or reads it as well as it can. */
  @SuppressWarnings("deprecation")
  private void configureVersions(boolean lenient) {
    configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, !lenient);
    configure(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES, !lenient);
    if (!lenient) {
      registerModule(new CompleteObjects());
      configure(MapperFeature.ALLOW_COERCION_OF_SCALARS, false);
      disable(
          DeserializationFeature.ACCEPT_FLOAT_AS_INT,
          DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
          DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS,
          DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT,
          DeserializationFeature.ACCEPT_EMPTY_ARRAY_AS_NULL_OBJECT);
      refuseCoercions();
    }
  }

  private void refuseCoercions() {
    for (CoercionInputShape scalar : SCALARS) {
      coercionConfigFor(LogicalType.Textual).setCoercion(scalar, CoercionAction.Fail);
    }
    for (Class<?> fraction : List.of(double.class, Double.class, float.class, Float.class)) {
      coercionConfigFor(fraction).setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
    }
    for (Class<?> written : List.of(BigDecimal.class, BigInteger.class)) {
      coercionConfigFor(written).setCoercion(CoercionInputShape.String, CoercionAction.TryConvert);
    }
  }

  /** Leaves no property out, so that a missing one is of another version of the class. */
  private static final class WriteAll extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;
    static final JsonInclude.Value ALWAYS =
        JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS);

    @Override
    public JsonInclude.Value findPropertyInclusion(Annotated annotated) {
      return ALWAYS;
    }
  }

  /** Refuses every type whose subtypes would be told apart by the names of classes. */
  private static final class NoClassNames extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1L;

    @Override
    public Validity validateBaseType(MapperConfig<?> config, JavaType baseType) {
      return Validity.DENIED;
    }
  }
}
