package io.cacheaside.msgpack;

import com.fasterxml.jackson.databind.JavaType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The arguments of generic types, which a class alone does not have. */
final class TypeArguments {
  private TypeArguments() {}

  /** Returns a type with the simple names of its classes, such as {@code List<User>}. */
  static String simpleName(JavaType type) {
    String name = type.getRawClass().getSimpleName();
    List<JavaType> arguments = type.getBindings().getTypeParameters();
    return arguments.isEmpty()
        ? name
        : arguments.stream()
            .map(TypeArguments::simpleName)
            .collect(Collectors.joining(", ", name + "<", ">"));
  }

  /**
   * Refuses a generic type without arguments, of whose elements nothing is known.
   *
   * @throws IllegalArgumentException if it is one, or has one as its argument; with the fix
   */
  static void refuseMissing(JavaType type) {
    List<JavaType> arguments = type.getBindings().getTypeParameters();
    Class<?> generic = type.getRawClass();
    if (generic.getTypeParameters().length > arguments.size()) {
      throw new IllegalArgumentException(
          "%s is generic, and its class alone does not say of what; use %s"
              .formatted(generic.getName(), fix(generic)));
    }
    arguments.forEach(TypeArguments::refuseMissing);
  }

  private static String fix(Class<?> generic) {
    if (generic.isAssignableFrom(List.class)) {
      return "MessagePackCodec.listOf(User.class), say";
    }
    if (generic == Set.class) {
      return "MessagePackCodec.setOf(User.class), say";
    }
    return generic == Map.class
        ? "MessagePackCodec.mapOf(String.class, User.class), say"
        : "MessagePackCodec.of(new com.fasterxml.jackson.core.type.TypeReference<%s<User>>() {}), say"
            .formatted(generic.getSimpleName());
  }
}
