package io.cacheaside.jackson;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Values as JSON (RFC 8259), by Jackson 3: records, sealed types, generics, {@code java.time},
 * {@code Optional} and everything else Jackson can write and read.
 *
 * <p><b>Exact or an error.</b> Times keep their nanoseconds, offset and zone, enum constants go by
 * name, and bytes after the value are refused. Properties the type does not know are ignored, so
 * that an older version of a program can read what a newer one wrote. The other way round,
 * properties the payload lacks are null or zero: raise the cache's schema version with a change
 * that minds. What the static type leaves open cannot be exact: in an {@code Object}, JSON has no
 * difference between an {@code Integer} and a {@code Long}.
 *
 * <p><b>Classes.</b> Which classes are created is decided by the type alone, never by the payload.
 * Subtypes are told apart with {@code @JsonTypeInfo(use = NAME)} and {@code @JsonSubTypes} on the
 * sealed type. Class names in the payload ({@code use = CLASS} or {@code MINIMAL_CLASS}, default
 * typing) are refused when the codec is made.
 *
 * <p><b>An application's mapper</b> lends its modules, mix-ins, naming, visibility, stream limits
 * and so on to a codec of its own copy; what is said above holds for it too. It should not be told
 * to leave out what differs from null ({@code NON_EMPTY}, {@code NON_DEFAULT}).
 *
 * <p><b>Errors.</b> {@link CodecException}s. One for a payload names the place and the kind of
 * problem but has no cause, because Jackson's own messages quote the data.
 *
 * <p>Thread-safe; does not block. In a named module, the package of the values has to be open to
 * {@code tools.jackson.databind}.
 *
 * @param <V> the values; never null
 */
public final class JsonCodec<V> implements Codec<V> {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private final JavaType type;
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private JsonCodec(JsonMapper mapper, JavaType type) {
    refuseDefaultTyping(mapper, type);
    JsonMapper exact = exact(mapper);
    this.type = type;
    this.writer = exact.writerFor(type);
    this.reader = exact.readerFor(type);
    refuseUnreadableType();
  }

  /** Returns the codec of a class that is not generic. */
  public static <V> JsonCodec<V> of(Class<V> type) {
    return of(JsonMapper.shared(), type);
  }

  /** Returns the codec of a generic type: {@code of(new TypeReference<List<User>>() {})}. */
  public static <V> JsonCodec<V> of(TypeReference<V> type) {
    return of(JsonMapper.shared(), type);
  }

  /**
   * Returns the codec of a class that is not generic, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, Class<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a generic type, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, TypeReference<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a type that is known at run time only, with the settings of a mapper.
   *
   * @param <V> has to be what {@code type} says; nobody checks it
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, JavaType type) {
    return new JsonCodec<>(mapper, Objects.requireNonNull(type, "type"));
  }

  private static void refuseDefaultTyping(JsonMapper mapper, JavaType type) {
    if (mapper.deserializationConfig().getDefaultTyper(type) != null) {
      throw new IllegalArgumentException(
          "The mapper has default typing, which lets a payload choose classes; "
              + "deactivate it and put @JsonTypeInfo(use = NAME) on the types that need it");
    }
  }

  private static JsonMapper exact(JsonMapper mapper) {
    return mapper
        .rebuild()
        .polymorphicTypeValidator(new NoClassNames())
        .enable(
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
        .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
        .disable(
            DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
            DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ,
            DateTimeFeature.TRUNCATE_TO_MSECS_ON_WRITE,
            DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
            DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE)
        .build();
  }

  private void refuseUnreadableType() {
    try {
      reader.readValue(NULL);
    } catch (InvalidDefinitionException e) {
      throw new IllegalArgumentException(
          type.toCanonical() + " cannot be read from JSON: " + e.getOriginalMessage(), e);
    } catch (JacksonException e) {
      // It can be read, only not from null.
    }
  }

  @Override
  public byte[] encode(V value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new CodecException(type.toCanonical() + " cannot be written as JSON", e);
    }
  }

  @Override
  public V decode(ByteBuffer payload) {
    V value = read(payload);
    if (value == null) {
      throw new CodecException("The payload is null and not a " + type.toCanonical());
    }
    return value;
  }

  private @Nullable V read(ByteBuffer payload) {
    try {
      return reader.readValue(
          payload.array(), payload.arrayOffset() + payload.position(), payload.remaining());
    } catch (JacksonException e) {
      throw new CodecException(
          "The payload is not a %s: %s at %s"
              .formatted(type.toCanonical(), e.getClass().getSimpleName(), Place.of(e)));
    } catch (StackOverflowError e) {
      throw new CodecException("The payload is nested too deep for the stack of this thread");
    }
  }

  /** Refuses every type whose subtypes would be told apart by the names of classes. */
  private static final class NoClassNames extends PolymorphicTypeValidator.Base {
    private static final long serialVersionUID = 1L;

    @Override
    public Validity validateBaseType(DatabindContext context, JavaType baseType) {
      return Validity.DENIED;
    }
  }
}
