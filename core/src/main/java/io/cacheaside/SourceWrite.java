package io.cacheaside;

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
}
