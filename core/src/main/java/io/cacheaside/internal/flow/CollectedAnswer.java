package io.cacheaside.internal.flow;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The answer to a command that was collected in a {@link Batch}. */
final class CollectedAnswer<T extends @Nullable Object> extends CompletableFuture<T> {
  private boolean atOnce; // written before the answer completes

  /** The second timeout of a batch, or a later one: a slow answer of the store, counted once. */
  static final class TimedOutToo extends CompletionException {
    private static final long serialVersionUID = 1L;

    TimedOutToo(Throwable cause) {
      super(cause);
    }
  }

  /** Notes, before the answer completes, whether the store gave it at once. */
  void arrivesAtOnce(boolean isThere) {
    atOnce = isThere;
  }

  /** Runs a step with the answer: right here if the store gave it at once, else elsewhere. */
  void whenDone(
      BiConsumer<? super @Nullable T, @Nullable Throwable> here,
      BiConsumer<? super @Nullable T, @Nullable Throwable> elsewhere) {
    CompletionStage<T> answer = this;
    answer.whenComplete(
        (value, failure) -> {
          if (atOnce && failure == null) {
            here.accept(value, null);
          } else {
            elsewhere.accept(value, failure);
          }
        });
  }
}
