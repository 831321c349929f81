package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One {@code update}: read a value, change it, put it back in place of exactly that value.
 *
 * <p>What it meets and cannot replace is taken away: the load under way may have read the source
 * before the change. So is what others change for the whole load timeout.
 */
final class UpdateOperation<K, V> extends Operation<Boolean> {
  private final Engine<K, V> engine;
  private final EntryKey<K> key;
  private final UnaryOperator<V> change;
  private final long number;

  UpdateOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, UnaryOperator<V> change) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.change = change;
    this.number = engine.unconfirmed.nextNumber();
  }

  @Override
  void start() {
    whenLeft(this::queue);
    attempt();
  }

  private void attempt() {
    if (engine.unconfirmed.covers(key) || isOverdue()) {
      remove();
    } else {
      ask("read", store -> engine.looks.ask(store, key, Looks.Manner.PLAIN), this::onRaw);
    }
  }

  private void onRaw(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
    if (failure != null) {
      failAndQueue(failure);
    } else if (raw != null && mayGoOn()) {
      Look look = engine.looks.read(key, raw);
      if (look.entry().is(Entry.Kind.NONE)) {
        succeed(false);
      } else if (look.entry().is(Entry.Kind.VALUE)) {
        engine.looks.ifCurrent(
            this, look, current -> swap(current.entry()), this::remove, this::failAndQueue);
      } else {
        remove();
      }
    }
  }

  private void swap(Entry entry) {
    V value = decodeOrNull(entry);
    if (value == null) {
      remove();
      return;
    }
    byte[] changed;
    try {
      changed =
          engine.entries.encode(
              key, Objects.requireNonNull(change.apply(value), "the change returned null"));
    } catch (Throwable thrown) {
      fail(thrown); // the entry stays as it is
      return;
    }
    byte[] next = engine.entries.successorState(key, entry, changed);
    ask("update", store -> store.swap(key.text(), entry.stamp(), next, null), this::onSwapped);
  }

  /** Whatever keeps the value from being decoded, the old one must not stay. */
  private @Nullable V decodeOrNull(Entry entry) {
    try {
      return engine.looks.decodeOrNull(key, entry);
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  private void onSwapped(@Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      removeAfter(failure);
    } else if (Boolean.TRUE.equals(swapped)) {
      succeed(true);
    } else {
      caller.execute(() -> guarded(this::attempt));
    }
  }

  private void remove() {
    ask(
        "update",
        removal().command(),
        (removed, failure) -> {
          if (failure != null) {
            failAndQueue(failure);
          } else {
            engine.unconfirmed.confirm(List.of(key), number);
            succeed(false);
          }
        });
  }

  /** Leaves no doubt behind: what may or may not have been updated is removed. */
  private void removeAfter(StoreException failure) {
    ask(
        "update",
        removal().command(),
        (removed, again) -> {
          if (again == null) {
            fail(failure);
          } else {
            failAndQueue(failure);
          }
        });
  }

  private void failAndQueue(StoreException failure) {
    queue();
    fail(failure);
  }

  /** Lets the key be read around until what it holds has been removed. */
  private void queue() {
    engine.unconfirmed.add(removal(), number);
  }

  private Removal<K> removal() {
    return engine.removals.ofKey(key);
  }
}
