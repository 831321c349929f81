package io.cacheaside.msgpack;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.AbstractDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.introspect.AnnotatedField;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.jsontype.impl.TypeNameIdResolver;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.ser.impl.UnknownSerializer;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Calendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a mapper writes of a type, and of all types in it, with what it reads.
 *
 * <p>A property that is written and not read, with no field behind it, is derived from the others.
 * Such properties are collected, because a reader of this type has to expect them.
 */
final class TwoWays {
  private final ExactMapper mapper;
  private final DeserializationContext reading;
  private final SerializerProvider writing;
  private final Set<JavaType> families = new HashSet<>();
  private final Set<JavaType> containers = new HashSet<>();
  private final Set<JavaType> objects = new HashSet<>();
  private final Map<Class<?>, Set<String>> derived = new HashMap<>();

  private TwoWays(ExactMapper mapper) throws IOException {
    this.mapper = mapper;
    this.reading = mapper.readingContext();
    this.writing = mapper.getSerializerProviderInstance();
  }

  /**
   * Returns the derived properties of the classes in a type.
   *
   * @throws IllegalArgumentException if something is lost between writing and reading
   */
  static Map<Class<?>, Set<String>> check(ExactMapper mapper, JavaType type) {
    try {
      TwoWays check = new TwoWays(mapper);
      check.visit(type);
      return check.derived;
    } catch (IOException e) {
      String reason = e instanceof JsonProcessingException j ? j.getOriginalMessage() : "" + e;
      throw unreadable(type, reason);
    }
  }

  private void visit(JavaType type) throws IOException {
    visit(
        type,
        reading.findContextualValueDeserializer(type, null),
        reading.getConfig().findTypeDeserializer(type));
  }

  private void visit(
      JavaType type, JsonDeserializer<?> deserializer, @Nullable TypeDeserializer names)
      throws IOException {
    if (Calendar.class.isAssignableFrom(type.getRawClass())) {
      throw new IllegalArgumentException(
          type.toCanonical()
              + " loses its zone and the settings of its calendar as MessagePack; use"
              + " java.time.ZonedDateTime");
    }
    JsonDeserializer<?> reader = unwrapped(deserializer);
    if (type.isContainerType() || type.isReferenceType()) {
      if (type.getContentType() != null && containers.add(type)) {
        visit(type.getContentType());
      }
    } else if (names != null && families.add(type)) {
      visitFamily(type, reader, names);
    }
    if (reader instanceof AbstractDeserializer && names == null) {
      refuseUnreadable(type);
    } else if (reader instanceof BeanDeserializerBase bean && !type.isAbstract()) {
      visitObject(bean.getValueType(), bean, names);
    }
  }

  private static JsonDeserializer<?> unwrapped(JsonDeserializer<?> deserializer) {
    JsonDeserializer<?> inner = deserializer;
    while (inner.getDelegatee() != null) {
      inner = inner.getDelegatee();
    }
    return inner;
  }

  private void visitFamily(JavaType type, JsonDeserializer<?> reader, TypeDeserializer names)
      throws IOException {
    Set<JavaType> subtypes = subtypes(type);
    boolean isToldByName = names.getTypeIdResolver() instanceof TypeNameIdResolver;
    if (isToldByName
        && subtypes.isEmpty()
        && reader instanceof AbstractDeserializer
        && names.getDefaultImpl() == null) {
      throw unreadable(type, "Jackson knows no subtype of it; name them with @JsonSubTypes");
    }
    for (JavaType subtype : subtypes) {
      JsonDeserializer<?> itsReader =
          unwrapped(reading.findContextualValueDeserializer(subtype, null));
      if (itsReader instanceof BeanDeserializerBase bean) {
        visitObject(subtype, bean, reading.getConfig().findTypeDeserializer(subtype));
      }
    }
  }

  /** Returns the subtypes of a type that have a name and are not abstract. */
  private Set<JavaType> subtypes(JavaType type) {
    Set<JavaType> subtypes = new LinkedHashSet<>();
    for (NamedType named :
        mapper
            .getDeserializationConfig()
            .getSubtypeResolver()
            .collectAndResolveSubtypesByClass(
                mapper.getDeserializationConfig(),
                reading.getConfig().introspectClassAnnotations(type).getClassInfo())) {
      if (type.getRawClass().isAssignableFrom(named.getType())
          && !named.getType().equals(type.getRawClass())) {
        JavaType subtype = mapper.getTypeFactory().constructSpecializedType(type, named.getType());
        if (!subtype.isAbstract()) {
          subtypes.add(subtype);
        }
      }
    }
    return subtypes;
  }

  /** Lets Jackson say why a type cannot be read; what it says of a definition holds no data. */
  private void refuseUnreadable(JavaType type) {
    String problem;
    try {
      mapper.readerFor(type).readValue(MessagePackCodec.NOTHING);
      return;
    } catch (InvalidDefinitionException e) {
      problem = e.getOriginalMessage();
    } catch (IOException e) {
      problem = "no Creators, like default constructor, exist";
    }
    throw unreadable(type, problem + "; " + fix(type));
  }

  private static String fix(JavaType type) {
    return type.isAbstract()
        ? "use a concrete type, or put @JsonTypeInfo(use = NAME) and @JsonSubTypes on it"
        : "give it a constructor with @JsonCreator; a Kotlin class needs a mapper with Jackson's module"
            + " for Kotlin";
  }

  private static IllegalArgumentException unreadable(JavaType type, String reason) {
    return new IllegalArgumentException(
        "%s cannot be read from MessagePack: %s".formatted(type.toCanonical(), reason));
  }

  private void visitObject(
      JavaType type, BeanDeserializerBase bean, @Nullable TypeDeserializer names)
      throws IOException {
    if (!objects.add(type)) {
      return;
    }
    if (!bean.getValueInstantiator().canInstantiate()) {
      refuseUnreadable(type);
    }
    Set<String> read = new LinkedHashSet<>();
    for (Iterator<SettableBeanProperty> all = bean.properties(); all.hasNext(); ) {
      SettableBeanProperty property = all.next();
      if (!property.isInjectionOnly()) {
        read.add(property.getName());
      }
      visitProperty(property);
    }
    boolean isPlain =
        bean instanceof BeanDeserializer
            && reading.getConfig().introspect(type).findAnySetterAccessor() == null;
    if (isPlain
        && !Throwable.class.isAssignableFrom(type.getRawClass())
        && isWrittenAsObject(writing.findValueSerializer(type))) {
      if (!isReadFromObject(bean.getValueInstantiator())) {
        refuseUnreadable(type);
      }
      compare(type, read, writing.findValueSerializer(type), names);
    }
  }

  /** Others make a value of a text, say, or of a number. */
  private static boolean isReadFromObject(ValueInstantiator instantiator) {
    return instantiator.canCreateUsingDefault()
        || instantiator.canCreateFromObjectWith()
        || instantiator.canCreateUsingDelegate();
  }

  /** Jackson has a serializer of its own for what has no properties at all. */
  private static boolean isWrittenAsObject(JsonSerializer<?> serializer) {
    return serializer instanceof BeanSerializerBase || serializer instanceof UnknownSerializer;
  }

  private void visitProperty(SettableBeanProperty property) throws IOException {
    if (!property.hasValueDeserializer()) {
      return;
    }
    JsonDeserializer<?> deserializer = unwrapped(property.getValueDeserializer());
    boolean isNamedHere = property.getAnnotation(JsonTypeInfo.class) != null;
    boolean isReadHere = property.getAnnotation(JsonDeserialize.class) != null;
    if (!isNamedHere && !isReadHere) {
      visit(property.getType(), deserializer, property.getValueTypeDeserializer());
    }
  }

  private void compare(
      JavaType type, Set<String> read, JsonSerializer<?> writer, @Nullable TypeDeserializer names)
      throws IOException {
    Set<String> written = new LinkedHashSet<>();
    for (Iterator<PropertyWriter> all = writer.properties(); all.hasNext(); ) {
      PropertyWriter property = all.next();
      if (property instanceof BeanPropertyWriter bean && bean.isUnwrapping()) {
        visit(bean.getType());
        return;
      }
      written.add(property.getName());
    }
    if (names != null) {
      read.remove(names.getPropertyName());
      written.remove(names.getPropertyName());
    }
    for (String name : read) {
      if (!written.contains(name)) {
        throw lost(type, name, "is read and never written");
      }
    }
    compareWithFields(type, read, written);
  }

  /** A field may have another name than its property; then there is a property without a field. */
  private void compareWithFields(JavaType type, Set<String> read, Set<String> written) {
    Map<String, String> fieldNames = new HashMap<>();
    for (BeanPropertyDefinition property : writing.getConfig().introspect(type).findProperties()) {
      fieldNames.put(property.getName(), property.getInternalName());
    }
    Set<String> fields = fields(type);
    Set<String> unread = new LinkedHashSet<>();
    int withoutField = 0;
    for (String name : written) {
      boolean hasField = fields.remove(fieldNames.getOrDefault(name, name));
      if (hasField && !read.contains(name)) {
        throw lost(type, name, "is written and never read");
      } else if (!read.contains(name)) {
        unread.add(name);
      } else if (!hasField) {
        withoutField++;
      }
    }
    if (fields.size() > withoutField) {
      throw lost(type, fields.iterator().next(), "is neither written nor read");
    }
    derived.put(type.getRawClass(), unread);
  }

  private static IllegalArgumentException lost(JavaType type, String name, String how) {
    return new IllegalArgumentException(
        "%s would lose '%s', which %s as MessagePack; give it an accessor or @JsonProperty both ways, or"
                .formatted(type.toCanonical(), name, how)
            + " mark it @JsonIgnore or transient if it is no part of the value");
  }

  /** Returns the names of the fields that make up the state of an object. */
  private Set<String> fields(JavaType type) {
    Set<String> names = new LinkedHashSet<>();
    for (Class<?> c = type.getRawClass(); c != null; c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (isState(field)) {
          names.add(field.getName());
        }
      }
    }
    names.removeAll(ignored(type));
    return names;
  }

  private static boolean isState(Field field) {
    return !Modifier.isStatic(field.getModifiers())
        && !Modifier.isTransient(field.getModifiers())
        && !field.isSynthetic()
        && field.getName().indexOf('$') < 0;
  }

  private Set<String> ignored(JavaType type) {
    BeanDescription description = writing.getConfig().introspect(type);
    Set<String> names = new HashSet<>();
    if (description.getIgnoredPropertyNames() != null) {
      names.addAll(description.getIgnoredPropertyNames());
    }
    for (AnnotatedField field : description.getClassInfo().fields()) {
      if (writing.getAnnotationIntrospector().hasIgnoreMarker(field)) {
        names.add(field.getName());
      }
    }
    return names;
  }
}
