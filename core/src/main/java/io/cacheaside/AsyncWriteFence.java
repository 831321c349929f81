package io.cacheaside;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A {@link WriteFence} with futures. Thread-safe; does not block. Only the first of its methods has
 * an effect.
 */
public interface AsyncWriteFence {

  /**
   * Ends the fence after the commit and invalidates the key.
   *
   * @see WriteFence#invalidate
   */
  CompletableFuture<@Nullable Void> invalidate();

  /**
   * Ends the fence after a rollback.
   *
   * @see WriteFence#lift
   */
  CompletableFuture<@Nullable Void> lift();
}
