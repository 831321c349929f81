package io.cacheaside.jackson;

import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;

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
      ValueDeserializer<?> deserializer,
      Object beanOrClass,
      String name) {
    Class<?> type = beanOrClass instanceof Class<?> c ? c : beanOrClass.getClass();
    if (!byClass.getOrDefault(type, Set.of()).contains(name)) {
      return false;
    }
    in.skipChildren();
    return true;
  }
}
