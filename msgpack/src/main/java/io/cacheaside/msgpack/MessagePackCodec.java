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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.msgpack.jackson.dataformat.MessagePackMapper;

/**
 * Values as MessagePack, by Jackson 2: what JSON does, in fewer bytes and with byte arrays as they
 * are.
 *
 * <p><b>Exact or an error.</b> Times go as ISO 8601 text with their nanoseconds, offset and zone,
 * enum constants by name, and decimals and integers of any size as text, because MessagePack has no
 * type that holds them. Text without an exact UTF-8 form (unpaired surrogates) is refused, and so
 * are bytes after the value and any truncation. Properties the type does not know are ignored, so
 * that an older version of a program can read what a newer one wrote. The other way round,
 * properties the payload lacks are null, and refused where they are primitive: raise the cache's
 * schema version with a change that minds. What the static type leaves open cannot be exact: in an
 * {@code Object}, MessagePack has no difference between an {@code Integer} and a {@code Long}.
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
 * modules for {@code java.time} and {@code Optional}, and should not be told to leave out what
 * differs from null ({@code NON_EMPTY}, {@code NON_DEFAULT}).
 *
 * <p><b>Errors.</b> {@link CodecException}s. One for a payload names the place and the kind of
 * problem but has no cause, because Jackson's own messages quote the data.
 *
 * <p>Thread-safe; does not block.
 *
 * @param <V> the values; never null
 */
public final class MessagePackCodec<V> implements Codec<V> {
  private static final byte[] NIL = {(byte) 0xc0};

  private final JavaType type;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final PayloadCheck check;

  private MessagePackCodec(MessagePackMapper mapper, JavaType type) {
    refuseDefaultTyping(mapper, type);
    ExactMapper exact = new ExactMapper(mapper);
    this.type = type;
    this.writer = exact.writerFor(type);
    this.reader = exact.readerFor(type);
    this.check = new PayloadCheck(ExactFactory.maxDepth(exact.getFactory()));
    refuseUnreadableType();
  }

  /** Returns the codec of a class that is not generic. */
  public static <V> MessagePackCodec<V> of(Class<V> type) {
    return of(defaultMapper(), type);
  }

  /** Returns the codec of a generic type: {@code of(new TypeReference<List<User>>() {})}. */
  public static <V> MessagePackCodec<V> of(TypeReference<V> type) {
    return of(defaultMapper(), type);
  }

  /**
   * Returns the codec of a class that is not generic, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, Class<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a generic type, with the settings of a mapper.
   *
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, TypeReference<V> type) {
    return of(mapper, mapper.constructType(type));
  }

  /**
   * Returns the codec of a type that is known at run time only, with the settings of a mapper.
   *
   * @param <V> has to be what {@code type} says; nobody checks it
   * @throws IllegalArgumentException if default typing is on, or the type cannot be read
   */
  public static <V> MessagePackCodec<V> of(MessagePackMapper mapper, JavaType type) {
    return new MessagePackCodec<>(mapper, Objects.requireNonNull(type, "type"));
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

  private void refuseUnreadableType() {
    try {
      reader.readValue(NIL);
    } catch (InvalidDefinitionException e) {
      throw new IllegalArgumentException(
          type.toCanonical() + " cannot be read from MessagePack: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      // It can be read, only not from null.
    }
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

  private @Nullable V read(ByteBuffer payload) {
    int offset = payload.arrayOffset() + payload.position();
    try {
      check.accept(payload.array(), offset, payload.remaining());
      return reader.readValue(payload.array(), offset, payload.remaining());
    } catch (IOException | RuntimeException e) {
      throw new CodecException(
          "The payload is not a %s: %s at %s"
              .formatted(type.toCanonical(), e.getClass().getSimpleName(), Place.of(e)));
    } catch (StackOverflowError e) {
      throw new CodecException("The payload is nested too deep for the stack of this thread");
    }
  }
}
