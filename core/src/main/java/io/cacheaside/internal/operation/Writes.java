package io.cacheaside.internal.operation;

import io.cacheaside.AsyncSourceWrite;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.invalidate.Fences;
import io.cacheaside.internal.invalidate.Invalidations;
import io.cacheaside.internal.invalidate.Removals;
import io.cacheaside.internal.invalidate.ReplayQueue;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Writes to the source and invalidates after that, for callers that do not wait. */
public final class Writes<K> {
  private final Operation.Context context;
  private final Barriers<K, ?> barriers;
  private final Fences<K> fences;
  private final Invalidations<K> invalidations;
  private final Removals<K> removals;
  private final ReplayQueue<K> replayQueue;
  private final Failures<K> failures;

  public Writes(
      Operation.Context context,
      Barriers<K, ?> barriers,
      Fences<K> fences,
      Invalidations<K> invalidations,
      Removals<K> removals,
      ReplayQueue<K> replayQueue,
      Failures<K> failures) {
    this.context = context;
    this.barriers = barriers;
    this.fences = fences;
    this.invalidations = invalidations;
    this.removals = removals;
    this.replayQueue = replayQueue;
    this.failures = failures;
  }

  /** Returns a {@code writeThenInvalidate}. */
  <R extends @Nullable Object> Operation<R> of(
      Caller caller, EntryKey<K> key, AsyncSourceWrite<R> write) {
    return new WriteThenInvalidate<>(caller, key, write);
  }

  /**
   * One asynchronous {@code writeThenInvalidate}: a fence if the cache has fences, the write, then
   * the invalidation whatever came of it.
   */
  private final class WriteThenInvalidate<R extends @Nullable Object> extends Operation<R> {
    private final EntryKey<K> key;
    private final AsyncSourceWrite<R> write;
    private final long number;
    private boolean writing;

    WriteThenInvalidate(Caller caller, EntryKey<K> key, AsyncSourceWrite<R> write) {
      super(context, caller);
      this.key = key;
      this.write = write;
      this.number = replayQueue.nextNumber();
    }

    @Override
    protected void start() {
      if (barriers.hasFences()) {
        then(
            fences.raising(caller, key).begin(),
            (fence, failure) -> {
              if (fence == null) {
                fail(Objects.requireNonNull(failure));
              } else {
                write(fence.invalidating(caller));
              }
            });
      } else {
        write(invalidations.of(caller, List.of(key)));
      }
    }

    /** What may have been written is read around until it is invalidated. */
    @Override
    protected void crashed(Throwable thrown) {
      if (writing) {
        replayQueue.add(removals.ofKey(key), number);
      }
    }

    private void write(Operation<Long> invalidation) {
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
          Stages.suppress(Stages.unwrap(failure), original);
        }
        fail(original);
      } else if (failure == null) {
        succeed(result);
      } else if (Stages.unwrap(failure) instanceof InvalidationFailedException failed) {
        fail(failures.afterWrite(key, result, failed));
      } else {
        fail(failure);
      }
    }
  }
}
