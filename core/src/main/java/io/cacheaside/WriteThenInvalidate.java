package io.cacheaside;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous {@code writeThenInvalidate}: a fence if the cache has fences, the write, then
 * the invalidation whatever came of it.
 */
final class WriteThenInvalidate<K, V, R> extends Operation<R> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final AsyncSourceWrite<R> write;
  private final long number;
  private boolean writing;

  WriteThenInvalidate(
      Engine<K, V> engine, Caller caller, EntryKey<K> key, AsyncSourceWrite<R> write) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.write = write;
    this.number = engine.unconfirmed.nextNumber();
  }

  @Override
  void start() {
    if (engine.barriers.hasFences()) {
      then(
          new Fence.Raising<>(engine, caller, key).begin(),
          (fence, failure) -> {
            if (fence == null) {
              fail(Objects.requireNonNull(failure));
            } else {
              write(fence.ending(caller));
            }
          });
    } else {
      write(Invalidation.of(engine, caller, List.of(key)));
    }
  }

  /** What may have been written is read around until it is invalidated. */
  @Override
  void crashed(Throwable thrown) {
    if (writing) {
      engine.unconfirmed.add(engine.removals.ofKey(key), number);
    }
  }

  private void write(Invalidation<K, V> invalidation) {
    writing = true;
    then(
        written(),
        (result, writeFailure) ->
            then(invalidation.begin(), (removed, failure) -> end(result, writeFailure, failure)));
  }

  private CompletionStage<? extends R> written() {
    try {
      return Objects.requireNonNull(write.write(), "the write returned null instead of a stage");
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private void end(
      @Nullable R result, @Nullable Throwable writeFailure, @Nullable Throwable failure) {
    if (writeFailure != null) {
      Throwable original = Stages.unwrap(writeFailure);
      if (failure != null) {
        original.addSuppressed(Stages.unwrap(failure));
      }
      fail(original);
    } else if (failure == null) {
      succeed(result);
    } else if (Stages.unwrap(failure) instanceof InvalidationFailedException failed) {
      fail(engine.failures.afterWrite(key, result, failed));
    } else {
      fail(failure);
    }
  }
}
