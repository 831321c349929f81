package io.cacheaside.jackson;

import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;

/** Where in a value a problem is, without the keys of maps, which are data. */
final class Place {
  private Place() {}

  static String of(JacksonException problem) {
    return problem.getPath().stream().map(Place::step).collect(Collectors.joining("", "$", ""));
  }

  private static String step(Reference step) {
    if (step.getPropertyName() == null) {
      return "[" + step.getIndex() + "]";
    }
    return isMap(step.from()) ? ".*" : "." + step.getPropertyName();
  }

  private static boolean isMap(Object from) {
    return from instanceof Map
        || (from instanceof Class<?> type && Map.class.isAssignableFrom(type));
  }
}
