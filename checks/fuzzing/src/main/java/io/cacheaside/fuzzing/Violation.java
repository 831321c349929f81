package io.cacheaside.fuzzing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says that something which has to hold for every input does not. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Violation(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  static void unless(boolean holds, String message, @Nullable Object... arguments) {
    if (!holds) {
      throw new Violation(message.formatted(arguments), null);
    }
  }

  static void unlessEqual(String what, @Nullable Object actual, @Nullable Object expected) {
    unless(
        Objects.deepEquals(actual, expected),
        "%s is <%s>; it has to be <%s>",
        what,
        actual,
        expected);
  }
}
