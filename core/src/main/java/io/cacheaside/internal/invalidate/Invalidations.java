package io.cacheaside.internal.invalidate;

import io.cacheaside.InvalidationFailedException;
import io.cacheaside.RetryPolicy;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.events.Failures;
import io.cacheaside.internal.flow.Caller;
import io.cacheaside.internal.flow.Operation;
import io.cacheaside.internal.flow.Retry;
import io.cacheaside.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Takes away what is not current any more, until the store confirms it. */
public final class Invalidations<K> {
  private final Operation.Context context;
  private final RetryPolicy retry;
  private final boolean failuresAreTold;
  private final Removals<K> removals;
  private final ReplayQueue<K> replayQueue;
  private final Events<K> events;
  private final Failures<K> failures;

  /**
   * Creates the invalidations of a cache.
   *
   * @param failuresAreTold whether an invalidation that will be repeated fails for its caller
   */
  public Invalidations(
      Operation.Context context,
      RetryPolicy retry,
      boolean failuresAreTold,
      Removals<K> removals,
      ReplayQueue<K> replayQueue,
      Events<K> events,
      Failures<K> failures) {
    this.context = context;
    this.retry = retry;
    this.failuresAreTold = failuresAreTold;
    this.removals = removals;
    this.replayQueue = replayQueue;
    this.events = events;
    this.failures = failures;
  }

  /** Returns an invalidation of keys. */
  public Operation<Long> of(Caller caller, List<EntryKey<K>> keys) {
    return of(caller, removals.ofKeys(keys));
  }

  /** Returns an invalidation of what a removal takes away. */
  public Operation<Long> of(Caller caller, Removal<K> removal) {
    return new Invalidation(caller, removal);
  }

  /**
   * One {@code invalidate} of a key, of several, of a tag, of a pattern or of everything: a removal
   * that is repeated under the retry policy until the store confirms it, or fails visibly and is
   * queued for later.
   */
  private final class Invalidation extends Operation<Long> {
    private final Removal<K> removal;
    private long number;

    Invalidation(Caller caller, Removal<K> removal) {
      super(context, caller);
      this.removal = removal;
    }

    @Override
    protected void start() {
      number = replayQueue.nextNumber();
      whenLeft(this::queue);
      new Retry<Long>(
              retry,
              context.environment(),
              caller,
              caller,
              this::attempt,
              (removed, failure) -> guarded(() -> ended(removed, failure)))
          .run();
    }

    private CompletionStage<Long> attempt() {
      return context
          .guard()
          .issueAlways(removal.command())
          .whenComplete(
              (removed, failure) -> {
                if (failure != null) {
                  caller.execute(() -> context.guard().report("invalidate", failure));
                }
              });
    }

    private void ended(@Nullable Long removed, @Nullable Throwable failure) {
      if (removed != null) {
        replayQueue.confirm(removal.keys(), number);
        events.invalidated(removal.what(), removal.count());
        succeed(removed);
        context.guard().succeeded();
      } else {
        InvalidationFailedException failed =
            failures.invalidation(
                removal.what(),
                failure == null ? new NullPointerException("the store returned null") : failure);
        queue();
        events.invalidationFailed(removal.what(), failed);
        if (failuresAreTold || isForEver(failed) || context.lifecycle().isClosed()) {
          fail(failed);
        } else {
          succeed(0L);
        }
      }
    }

    /** Returns whether repeating cannot help: the store is closed. */
    private static boolean isForEver(InvalidationFailedException failed) {
      return failed.getCause() instanceof StoreException cause
          && cause.reason() == StoreException.Reason.CLOSED;
    }

    /** Lets what is not confirmed be read around until it is. */
    private void queue() {
      replayQueue.add(removal, number);
    }
  }
}
