package io.cacheaside.codec;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The text of the records of a class: that of each component, ended by a colon, without the last
 * one.
 */
final class RecordText implements Function<Object, String> {
  private static final char END = ':';
  private static final char ESCAPE = '%';
  private static final String ESCAPED_END = "%3A";
  private static final String ESCAPED_ESCAPE = "%25";

  /** In every other text, two digits follow the escape character. */
  private static final String NOTHING = "%";

  private final List<Component> components = new ArrayList<>();

  RecordText(Class<?> type) {
    this(type, Set.of());
  }

  private RecordText(Class<?> type, Set<Class<?>> around) {
    Set<Class<?>> here = new HashSet<>(around);
    if (!here.add(type)) {
      throw new IllegalArgumentException(
          "record %s contains itself, so its text would not end; write a KeyCodec: key -> ..."
              .formatted(type.getTypeName()));
    }
    for (RecordComponent component : type.getRecordComponents()) {
      components.add(new Component(name(component), accessor(component), writer(component, here)));
    }
  }

  private static String name(RecordComponent component) {
    return "component '%s' of record %s"
        .formatted(component.getName(), component.getDeclaringRecord().getTypeName());
  }

  /** One component: how it is read and written. */
  private record Component(
      String name, MethodHandle accessor, BiConsumer<Object, StringBuilder> writer) {

    void append(Object record, StringBuilder text) {
      Object value = value(record);
      if (value == null) {
        throw new IllegalArgumentException(
            name + " is null; use a value that stands for none, or write a KeyCodec: key -> ...");
      }
      writer.accept(value, text);
    }

    private @Nullable Object value(Object record) {
      try {
        return (@Nullable Object) accessor.invokeExact(record);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(name + " cannot be read", e);
      }
    }
  }

  private static MethodHandle accessor(RecordComponent component) {
    Method accessor = component.getAccessor();
    if (!accessor.trySetAccessible()) {
      throw notOpen(component.getDeclaringRecord());
    }
    try {
      return MethodHandles.lookup()
          .unreflect(accessor)
          .asType(MethodType.methodType(Object.class, Object.class));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(accessor + " was made accessible, and is not", e);
    }
  }

  private static IllegalArgumentException notOpen(Class<?> type) {
    Module reader = RecordText.class.getModule();
    String to = reader.isNamed() ? " to " + reader.getName() : "";
    return new IllegalArgumentException(
        "record %s cannot be read; add \"opens %s%s;\" to the module-info of %s, or write a KeyCodec"
            .formatted(type.getTypeName(), type.getPackageName(), to, type.getModule().getName()));
  }

  private static BiConsumer<Object, StringBuilder> writer(
      RecordComponent component, Set<Class<?>> around) {
    Class<?> type = component.getType();
    if (type.isRecord()) {
      return new RecordText(type, around)::append;
    }
    Function<Object, String> text = KeyText.ofSimple(type);
    if (text == null) {
      throw new IllegalArgumentException(
          "%s is a %s, which has no text of its own; %s"
              .formatted(name(component), component.getGenericType().getTypeName(), KeyText.FIX));
    }
    return (value, whole) -> appendEscaped(text.apply(value), whole);
  }

  private static void appendEscaped(String part, StringBuilder text) {
    if (part.indexOf(END) < 0 && part.indexOf(ESCAPE) < 0) {
      text.append(part);
    } else {
      text.append(
          part.replace(String.valueOf(ESCAPE), ESCAPED_ESCAPE)
              .replace(String.valueOf(END), ESCAPED_END));
    }
    text.append(END);
  }

  @Override
  public String apply(Object record) {
    StringBuilder text = new StringBuilder();
    append(record, text);
    text.setLength(Math.max(0, text.length() - 1));
    return text.isEmpty() ? NOTHING : text.toString();
  }

  private void append(Object record, StringBuilder text) {
    for (Component component : components) {
      component.append(record, text);
    }
  }
}
