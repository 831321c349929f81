package io.cacheaside.jackson;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.Version;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.type.LogicalType;

/** A copy of an application's mapper that loses nothing and creates no class a payload names. */
final class ExactMapper {
  private static final CoercionInputShape[] SCALARS = {
    CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
  };

  private ExactMapper() {}

  static JsonMapper strict(JsonMapper mapper) {
    JsonMapper.Builder builder = exact(mapper).addModule(new CompleteObjects());
    refuseCoercions(builder);
    return builder
        .enable(
            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(
            DeserializationFeature.ACCEPT_FLOAT_AS_INT,
            DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
            DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS,
            DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT,
            DeserializationFeature.ACCEPT_EMPTY_ARRAY_AS_NULL_OBJECT)
        .build();
  }

  static JsonMapper lenient(JsonMapper mapper) {
    return exact(mapper)
        .disable(
            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .build();
  }

  private static void refuseCoercions(JsonMapper.Builder builder) {
    for (CoercionInputShape scalar : SCALARS) {
      builder.withCoercionConfig(
          LogicalType.Textual, text -> text.setCoercion(scalar, CoercionAction.Fail));
    }
    for (Class<?> fraction :
        new Class<?>[] {double.class, Double.class, float.class, Float.class}) {
      builder.withCoercionConfig(
          fraction, number -> number.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail));
    }
  }

  private static JsonMapper.Builder exact(JsonMapper mapper) {
    JsonMapper.Builder builder = mapper.rebuild();
    return builder
        .polymorphicTypeValidator(new NoClassNames())
        .annotationIntrospector(
            AnnotationIntrospector.pair(new WriteAll(), builder.annotationIntrospector()))
        .changeDefaultPropertyInclusion(inclusion -> WriteAll.ALWAYS)
        .addModule(new SqlTimes())
        .addModule(new OrderedSets())
        .enable(
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
            DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
        .disable(
            MapperFeature.USE_GETTERS_AS_SETTERS,
            MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES,
            MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS,
            MapperFeature.ACCEPT_CASE_INSENSITIVE_VALUES)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(
            EnumFeature.READ_ENUMS_USING_TO_STRING,
            EnumFeature.READ_ENUM_KEYS_USING_INDEX,
            EnumFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL,
            EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE,
            EnumFeature.WRITE_ENUMS_TO_LOWERCASE,
            EnumFeature.WRITE_ENUMS_USING_TO_STRING,
            EnumFeature.WRITE_ENUMS_USING_INDEX,
            EnumFeature.WRITE_ENUM_KEYS_USING_INDEX)
        .enable(JsonNodeFeature.READ_NULL_PROPERTIES, JsonNodeFeature.WRITE_NULL_PROPERTIES)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .enable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
        .disable(
            SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS,
            SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED,
            SerializationFeature.WRITE_SELF_REFERENCES_AS_NULL)
        .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
        .disable(
            DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
            DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ,
            DateTimeFeature.TRUNCATE_TO_MSECS_ON_WRITE,
            DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
            DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE);
  }

  /** Refuses every type whose subtypes would be told apart by the names of classes. */
  private static final class NoClassNames extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1L;

    @Override
    public Validity validateBaseType(DatabindContext context, JavaType baseType) {
      return Validity.DENIED;
    }
  }

  /** Leaves no property out, so that a missing one is of another version of the class. */
  private static final class WriteAll extends AnnotationIntrospector {
    private static final long serialVersionUID = 1L;
    static final JsonInclude.Value ALWAYS =
        JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS);

    @Override
    public Version version() {
      return Version.unknownVersion();
    }

    @Override
    public JsonInclude.Value findPropertyInclusion(MapperConfig<?> config, Annotated annotated) {
      return ALWAYS;
    }
  }
}
