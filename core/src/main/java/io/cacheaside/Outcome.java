package io.cacheaside;

import org.jspecify.annotations.Nullable;

/** How a load ended, for those who joined it. */
sealed interface Outcome<V> {

  /** The source answered; null: it has nothing. */
  record Loaded<V>(@Nullable V value) implements Outcome<V> {}

  /** The loader failed. */
  record Failed<V>(Throwable failure) implements Outcome<V> {}

  /** The load came to nothing: those who joined it look again. */
  record Lost<V>() implements Outcome<V> {}
}
