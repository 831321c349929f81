package io.cacheaside.msgpack;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.jsontype.PolymorphicTypeValidator;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.msgpack.jackson.dataformat.MessagePackFactory;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/** A copy of an application's mapper that loses nothing and creates no class a payload names. */
final class ExactMapper extends ObjectMapper {
  private static final long serialVersionUID = 1L;

  ExactMapper(MessagePackMapper mapper) {
    super(mapper, new ExactFactory((MessagePackFactory) mapper.getFactory()));
    setPolymorphicTypeValidator(new NoClassNames());
    configOverride(BigDecimal.class).setFormat(JsonFormat.Value.forShape(JsonFormat.Shape.STRING));
    configOverride(BigInteger.class).setFormat(JsonFormat.Value.forShape(JsonFormat.Shape.STRING));
    configureReading();
    configureWriting();
  }

  private void configureReading() {
    enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    disable(
        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
        DeserializationFeature.READ_ENUMS_USING_TO_STRING,
        DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);
  }

  private void configureWriting() {
    enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID);
    disable(
        SerializationFeature.WRITE_ENUMS_USING_TO_STRING,
        SerializationFeature.WRITE_DATES_AS_TIMESTAMPS,
        SerializationFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE,
        SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS);
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
