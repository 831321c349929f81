package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/**
 * Values as MessagePack, by Jackson 2: what JSON does, in fewer bytes and with byte arrays as they
 * are.
 *
 * <p><b>Exact or an error.</b> Times are ISO 8601 text with their nanoseconds, offset and zone;
 * those of {@code java.sql} keep them too. Enum constants are written by name, decimals and
 * integers of any size as text, because MessagePack has no type that holds them. Every property is
 * written, also null and empty ones. Lists, sets and maps keep their order. Text without an exact
 * UTF-8 form (unpaired surrogates) is refused, and so are bytes after the value and any truncation.
 * The static type limits what can be exact: in an {@code Object}, MessagePack has no difference
 * between an {@code Integer} and a {@code Long}.
 *
 * <p><b>Both ways.</b> A type is refused when the codec is made if it can never be read, or if
 * MessagePack would lose a part of it: a field that no property writes, a property that is written
 * and not read, or read and not written. Mark a field {@code transient} or {@code @JsonIgnore} if
 * it is no part of the value. Properties without a field that are only written, such as {@code
 * isEmpty()}, are derived from the others and skipped when a value is read.
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
 * <p><b>Limits.</b> Lengths in a payload are checked against its real size before anything is
 * created from it. Values and payloads may be nested 500 deep, or less if the mapper's {@code
 * StreamReadConstraints} or {@code StreamWriteConstraints} say so.
 *
 * <p><b>An application's mapper</b> lends its modules, mix-ins, naming, visibility, extension types
 * and so on to a codec of its own copy; what is said above holds for it too. It brings its own
 * modules for {@code java.time} and {@code Optional}.
 *
 * <p><b>Errors.</b> {@link CodecException}s. One for a payload names the place and the kind of
 * problem but has no cause, because Jackson's own messages quote the data.
 *
 * <p>Thread-safe; does not block.
 *
 * @param <V> the values; never null
 */
public final class MessagePackCodec<V> implements Codec<V> {
  /** A map without entries. */
  static final byte[] NOTHING = {(byte) 0x80};

  private final MessagePackMapper mapper;
  private final JavaType type;
  private final boolean lenient;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final PayloadCheck check;

  private MessagePackCodec(MessagePackMapper mapper, JavaType type, boolean lenient) {
    refuseDefaultTyping(mapper, type);
    ExactMapper exact = new ExactMapper(mapper, lenient);
    this.mapper = mapper;
    this.type = type;
    this.lenient = lenient;
    this.writer = exact.writerFor(type);
    this.reader =
        exact.readerFor(type).withHandler(new DerivedProperties(TwoWays.check(exact, type)));
    this.check = new PayloadCheck(ExactFactory.maxDepth(exact.getFactory()));
    TypeArguments.refuseMissing(type);
  }

  /**
   * Returns the codec of a class that is not generic.
   *
   * @throws IllegalArgumentException if the class is generic, cannot be read or would lose
   *     something
   */
  public static <V> MessagePackCodec<V> of(Class<V> type) {
    return of(defaultMapper(), type);
  }

  /**
   * Returns the codec of a generic type: {@code of(new TypeReference<Page<User>>() {})}.
   *
   * @throws IllegalArgumentException if the type cannot be read or would lose something
   */
  public static <V> MessagePackCodec<V> of(TypeReference<V> type) {
    return of(defaultMapper(), type);
  }

  /**
   * Returns the codec of lists. A list that is read is an {@code ArrayList} of its reader's own.
   *
   * @throws IllegalArgumentException if the elements cannot be read or would lose something
   */
  public static <E> MessagePackCodec<List<E>> listOf(Class<E> elements) {
    return ofCollection(List.class, elements);
  }

  /**
   * Returns the codec of sets. A set that is read is a {@code LinkedHashSet} of its reader's own,
   * in the order of the set that was written.
   *
   * @throws IllegalArgumentException if the elements cannot be read or would lose something
   */
  public static <E> MessagePackCodec<Set<E>> setOf(Class<E> elements) {
    return ofCollection(Set.class, elements);
  }

  /**
   * Returns the codec of maps. A map that is read is a {@code LinkedHashMap} of its reader's own,
   * in the order of the map that was written. Keys are written as text: use classes that Jackson
   * reads from it, such as {@code String}, numbers, enums, {@code UUID} and {@code java.time}.
   *
   * @throws IllegalArgumentException if keys or values cannot be read or would lose something
   */
  public static <K, E> MessagePackCodec<Map<K, E>> mapOf(Class<K> keys, Class<E> values) {
    MessagePackMapper mapper = defaultMapper();
    return of(mapper, mapper.getTypeFactory().constructMapType(Map.class, keys, values));
  }

  private static <V> MessagePackCodec<V> ofCollection(
      @SuppressWarnings("rawtypes") Class<? extends Collection> type, Class<?> elements) {
    MessagePackMapper mapper = defaultMapper();
    return of(mapper, mapper.getTypeFactory().constructCollectionType(type, elements));
  }

  /**
   * Returns the codec of a class that is not generic, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, Class<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a generic type, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, TypeReference<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a type that is known at run time only, with the settings of a mapper.
   *
   * @param <V> has to be what {@code type} says; nobody checks it
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read or would
   *     lose something
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, JavaType type) {
    return new MessagePackCodec<>(mapper, Objects.requireNonNull(type, "type"), false);
  }

  private static MessagePackMapper defaultMapper() {
    MessagePackMapper mapper = new MessagePackMapper();
    mapper.registerModules(new JavaTimeModule(), new Jdk8Module());
    return mapper;
  }

  private static void refuseDefaultTyping(MessagePackMapper mapper, JavaType type) {
    if (mapper.getDeserializationConfig().getDefaultTyper(type) != null) {
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
  public MessagePackCodec<V> lenient() {
    return new MessagePackCodec<>(mapper, type, true);
  }

  @Override
  public byte[] encode(V value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (IOException | RuntimeException e) {
      throw new CodecException(type.toCanonical() + " cannot be written as MessagePack", e);
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

  /** Returns the name of the codec and the simple name of the type. */
  @Override
  public String toString() {
    return "MessagePackCodec[%s%s]"
        .formatted(TypeArguments.simpleName(type), lenient ? ", lenient" : "");
  }

  /** What Jackson says of the definition of a class holds no data; all else may. */
  private static String reason(Exception problem) {
    return problem instanceof InvalidDefinitionException definition
        ? ": " + definition.getOriginalMessage()
        : "";
  }

  private @Nullable V read(ByteBuffer payload) {
    int offset = payload.arrayOffset() + payload.position();
    try {
      check.accept(payload.array(), offset, payload.remaining());
      return reader.readValue(payload.array(), offset, payload.remaining());
    } catch (IOException | RuntimeException e) {
      throw new CodecException(
          "The payload is not a %s: %s at %s%s"
              .formatted(type.toCanonical(), e.getClass().getSimpleName(), Place.of(e), reason(e)));
    } catch (StackOverflowError e) {
      throw new CodecException("The payload is nested too deep for the stack of this thread");
    }
  }
}
