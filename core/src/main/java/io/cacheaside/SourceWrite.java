package io.cacheaside;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A write to the source of truth that is committed when it returns.
 *
 * @param <R> what it returns
 * @param <X> the checked exception it may throw
 */
@FunctionalInterface
public interface SourceWrite<R extends @Nullable Object, X extends Exception> {

  /** Writes and commits. */
  R write() throws X;

  /** Returns a write that returns null after one that returns nothing. */
  @SuppressWarnings("NullAway") // it knows no type argument that may be null
  static <X extends Exception> SourceWrite<@Nullable Void, X> of(VoidSourceWrite<X> write) {
    Objects.requireNonNull(write, "write");
    return () -> {
      write.write();
      return null;
    };
  }
}
