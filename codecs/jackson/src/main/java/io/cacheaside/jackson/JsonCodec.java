package io.cacheaside.jackson;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as JSON (RFC 8259), by Jackson 3: records, sealed types, generics, {@code java.time},
 * {@code Optional} and everything else Jackson can write and read.
 *
 * <p><b>Exact or an error.</b> Times keep their nanoseconds, offset and zone, those of {@code
 * java.sql} too. Enum constants are written by name. Every property is written, also null and empty
 * ones. Lists, sets and maps keep their order. Bytes after the value are refused. The static type
 * limits what can be exact: in an {@code Object}, JSON has no difference between an {@code Integer}
 * and a {@code Long}.
 *
 * <p><b>Both ways.</b> A type is refused when the codec is made if it can never be read, or if JSON
 * would lose a part of it: a field that no property writes, a property that is written and not
 * read, or read and not written. Mark a field {@code transient} or {@code @JsonIgnore} if it is no
 * part of the value. Properties without a field that are only written, such as {@code isEmpty()},
 * are derived from the others and skipped when a value is read.
 *
 * <p><b>Versions of a class.</b> A payload of another version of the class is refused: one that
 * lacks a property, has an unknown one, or has a value of another kind, such as a text in place of
 * a number. {@link #lenient} returns a codec that takes them.
 *
 * <p><b>Classes.</b> Which classes are created is decided by the type alone, never by the payload.
 * Subtypes are told apart with {@code @JsonTypeInfo(use = NAME)} and {@code @JsonSubTypes} on the
 * sealed type. Class names in the payload ({@code use = CLASS} or {@code MINIMAL_CLASS}, default
 * typing) are refused when the codec is made.
 *
 * <p><b>An application's mapper</b> lends its modules, mix-ins, naming, visibility, stream limits
 * and so on to a codec of its own copy; what is said above holds for it too.
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
  private final JsonMapper mapper;
  private final JavaType type;
  private final boolean lenient;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final ReadLimits limits;

  private JsonCodec(JsonMapper mapper, JavaType type, boolean lenient) {
    JacksonVersions.check();
    refuseDefaultTyping(mapper, type);
    JsonMapper exact = lenient ? ExactMapper.lenient(mapper) : ExactMapper.strict(mapper);
    this.mapper = mapper;
    this.type = type;
    this.lenient = lenient;
    this.writer = exact.writerFor(type);
    this.reader =
        exact.readerFor(type).withHandler(new DerivedProperties(TwoWays.check(exact, type)));
    this.limits = new ReadLimits(exact.tokenStreamFactory());
    TypeArguments.refuseMissing(type);
  }

  /**
   * Returns the codec of a class that is not generic.
   *
   * @throws IllegalArgumentException if the class is generic, cannot be read or would lose
   *     something
   * @throws IllegalStateException if the Jackson of the application, or its annotations, are too
   *     old
   */
  public static <V> JsonCodec<V> of(Class<V> type) {
    return of(JacksonVersions.sharedMapper(), type);
  }

  /**
   * Returns the codec of a generic type: {@code of(new TypeReference<Page<User>>() {})}.
   *
   * @throws IllegalArgumentException if the type cannot be read or would lose something
   */
  public static <V> JsonCodec<V> of(TypeReference<V> type) {
    return of(JacksonVersions.sharedMapper(), type);
  }

  /**
   * Returns the codec of lists. A list that is read is an {@code ArrayList} of its reader's own.
   *
   * @throws IllegalArgumentException if the elements cannot be read or would lose something
   */
  public static <E> JsonCodec<List<E>> listOf(Class<E> elements) {
    return ofCollection(List.class, elements);
  }

  /**
   * Returns the codec of sets. A set that is read is a {@code LinkedHashSet} of its reader's own,
   * in the order of the set that was written.
   *
   * @throws IllegalArgumentException if the elements cannot be read or would lose something
   */
  public static <E> JsonCodec<Set<E>> setOf(Class<E> elements) {
    return ofCollection(Set.class, elements);
  }

  /**
   * Returns the codec of maps. A map that is read is a {@code LinkedHashMap} of its reader's own,
   * in the order of the map that was written. Keys are written as text: use classes that Jackson
   * reads from it, such as {@code String}, numbers, enums, {@code UUID} and {@code java.time}.
   *
   * @throws IllegalArgumentException if keys or values cannot be read or would lose something
   */
  public static <K, E> JsonCodec<Map<K, E>> mapOf(Class<K> keys, Class<E> values) {
    JsonMapper mapper = JacksonVersions.sharedMapper();
    return of(mapper, mapper.getTypeFactory().constructMapType(Map.class, keys, values));
  }

  private static <V> JsonCodec<V> ofCollection(
      @SuppressWarnings("rawtypes") Class<? extends Collection> type, Class<?> elements) {
    JsonMapper mapper = JacksonVersions.sharedMapper();
    return of(mapper, mapper.getTypeFactory().constructCollectionType(type, elements));
  }

  /**
   * Returns the codec of a class that is not generic, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, Class<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a generic type, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, TypeReference<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a type that is known at run time only, with the settings of a mapper.
   *
   * @param <V> has to be what {@code type} says; nobody checks it
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> JsonCodec<V> of(JsonMapper mapper, JavaType type) {
    return new JsonCodec<>(mapper, Objects.requireNonNull(type, "type"), false);
  }

  private static void refuseDefaultTyping(JsonMapper mapper, JavaType type) {
    if (mapper.deserializationConfig().getDefaultTyper(type) != null) {
      throw new IllegalArgumentException(
          "The mapper has default typing, which lets a payload choose classes; "
              + "deactivate it and put @JsonTypeInfo(use = NAME) on the types that need it");
    }
  }

  /**
   * Returns a codec that also reads payloads of other versions of the class, as well as it can.
   * Unknown properties are ignored, missing ones are null or keep the value that the constructor
   * gave them, and a text with a number in it is read as that number. It writes the same bytes as
   * this codec.
   */
  public JsonCodec<V> lenient() {
    return new JsonCodec<>(mapper, type, true);
  }

  @Override
  public byte[] encode(V value) {
    byte[] payload;
    try {
      payload = writer.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new CodecException(type.toCanonical() + " cannot be written as JSON", e);
    }
    limits.check(payload);
    return payload;
  }

  @Override
  public V decode(ByteBuffer payload) {
    V value = read(payload);
    if (value == null) {
      throw new CodecException("The payload is null and not a " + type.toCanonical());
    }
    return value;
  }

  /** Returns the name of the codec and the simple name of the type. */
  @Override
  public String toString() {
    return "JsonCodec[%s%s]".formatted(TypeArguments.simpleName(type), lenient ? ", lenient" : "");
  }

  /** What Jackson says of the definition of a class holds no data; all else may. */
  private static String reason(JacksonException problem) {
    return problem instanceof InvalidDefinitionException definition
        ? ": " + definition.getOriginalMessage()
        : "";
  }

  private @Nullable V read(ByteBuffer payload) {
    try {
      return reader.readValue(
          payload.array(), payload.arrayOffset() + payload.position(), payload.remaining());
    } catch (JacksonException e) {
      throw new CodecException(
          "The payload is not a %s: %s at %s%s"
              .formatted(type.toCanonical(), e.getClass().getSimpleName(), Place.of(e), reason(e)));
    } catch (StackOverflowError e) {
      throw new CodecException("The payload is nested too deep for the stack of this thread");
    }
  }
}
