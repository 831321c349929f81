package io.cacheaside.internal.load;

import org.jspecify.annotations.Nullable;

/** How a load ended, for those who joined it. */
public sealed interface LoadOutcome<V> {

  /** The source answered; null: it has nothing. */
  record Value<V>(@Nullable V value) implements LoadOutcome<V> {}

  /** The loader failed. */
  record Failure<V>(Throwable failure) implements LoadOutcome<V> {}

  /** The load came to nothing: those who joined it look again. */
  record Lost<V>() implements LoadOutcome<V> {}
}
