package io.cacheaside;

/**
 * A write to the source of truth that is committed when it returns, and that returns nothing.
 *
 * @param <X> the checked exception it may throw
 * @see SourceWrite
 */
@FunctionalInterface
public interface VoidSourceWrite<X extends Exception> {

  /** Writes and commits. */
  void write() throws X;
}
