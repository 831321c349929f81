package io.cacheaside;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One {@code invalidate} of a key, of several, of a tag, of a pattern or of everything: a removal
 * that is repeated under the retry policy until the store confirms it, or fails visibly and is
 * queued for later.
 */
final class Invalidation<K, V> extends Operation<Long> {
  private final Engine<K, V> engine;
  private final Removal<K> removal;
  private long number;

  Invalidation(Engine<K, V> engine, Caller caller, Removal<K> removal) {
    super(engine.context, caller);
    this.engine = engine;
    this.removal = removal;
  }

  static <K, V> Invalidation<K, V> of(Engine<K, V> engine, Caller caller, List<EntryKey<K>> keys) {
    return new Invalidation<>(engine, caller, engine.removals.ofKeys(keys));
  }

  @Override
  void start() {
    number = engine.unconfirmed.nextNumber();
    whenLeft(this::queue);
    new Retry<Long>(
            engine.settings.invalidations().retry(),
            engine.environment,
            caller,
            caller,
            this::attempt,
            (removed, failure) -> guarded(() -> ended(removed, failure)))
        .run();
  }

  private CompletionStage<Long> attempt() {
    return engine
        .guard
        .issueAlways(removal.command())
        .whenComplete(
            (removed, failure) -> {
              if (failure != null) {
                caller.execute(() -> engine.guard.report("invalidate", failure));
              }
            });
  }

  private void ended(@Nullable Long removed, @Nullable Throwable failure) {
    if (removed != null) {
      engine.unconfirmed.confirm(removal.keys(), number);
      engine.events.invalidated(removal.what(), removal.count());
      succeed(removed);
      engine.guard.succeeded();
    } else {
      InvalidationFailedException failed =
          engine.failures.invalidation(
              removal,
              failure == null ? new NullPointerException("the store returned null") : failure);
      queue();
      engine.events.invalidationFailed(removal.what(), failed);
      fail(failed);
    }
  }

  /** Lets what is not confirmed be read around until it is. */
  private void queue() {
    engine.unconfirmed.add(removal, number);
  }
}
