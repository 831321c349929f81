package io.cacheaside;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A write to the source of truth that is committed when its stage completes.
 *
 * @param <R> what it returns
 */
@FunctionalInterface
public interface AsyncSourceWrite<R extends @Nullable Object> {

  /** Begins to write; the stage completes after the commit. */
  CompletionStage<? extends R> write() throws Exception;
}
