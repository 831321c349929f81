package io.cacheaside.msgpack;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import java.util.Map;
import java.util.stream.Collectors;

/** Where in a value a problem is, without the keys of maps, which are data. */
final class Place {
  private Place() {}

  static String of(Exception problem) {
    return problem instanceof JsonMappingException mapping
        ? mapping.getPath().stream().map(Place::step).collect(Collectors.joining("", "$", ""))
        : "$";
  }

  private static String step(Reference step) {
    if (step.getFieldName() == null) {
      return "[" + step.getIndex() + "]";
    }
    return isMap(step.getFrom()) ? ".*" : "." + step.getFieldName();
  }

  private static boolean isMap(Object from) {
    return from instanceof Map
        || (from instanceof Class<?> type && Map.class.isAssignableFrom(type));
  }
}
