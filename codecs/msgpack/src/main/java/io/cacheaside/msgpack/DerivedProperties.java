package io.cacheaside.msgpack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Skips what a class writes of itself and does not read, because it follows from the rest. */
final class DerivedProperties extends DeserializationProblemHandler {
  private final Map<Class<?>, Set<String>> byClass;

  DerivedProperties(Map<Class<?>, Set<String>> byClass) {
    this.byClass = byClass;
  }

  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser in,
      JsonDeserializer<?> deserializer,
      Object beanOrClass,
      String name)
      throws IOException {
    Class<?> type = beanOrClass instanceof Class<?> c ? c : beanOrClass.getClass();
    if (!byClass.getOrDefault(type, Set.of()).contains(name)) {
      return false;
    }
    in.skipChildren();
    return true;
  }
}
