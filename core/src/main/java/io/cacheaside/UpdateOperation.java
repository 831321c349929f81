package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One {@code update}: read a value, change it, put it back in place of exactly that value.
 *
 * <p>A lease that it meets is taken away: the load under way may have read the source before the
 * change.
 */
final class UpdateOperation<K, V> extends Operation<K, V, Boolean> {
  private final EntryKey<K> key;
  private final UnaryOperator<V> change;

  UpdateOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, UnaryOperator<V> change) {
    super(engine, caller);
    this.key = key;
    this.change = change;
  }

  @Override
  void start() {
    ask("read", store -> store.read(key.text()), this::onRead);
  }

  private void onRead(byte @Nullable [] state, @Nullable StoreException failure) {
    if (failure != null) {
      fail(failure);
      return;
    }
    if (!mayGoOn()) {
      return;
    }
    Entry entry = engine.entries.parse(key, state);
    V value = entry.is(Entry.Kind.VALUE) ? engine.decodeOrNull(key, entry) : null;
    if (value != null) {
      swap(entry, value);
    } else if (entry.is(Entry.Kind.NONE)) {
      succeed(false);
    } else {
      remove();
    }
  }

  private void swap(Entry entry, V value) {
    V changed = Objects.requireNonNull(change.apply(value), "the change returned null");
    byte[] next = engine.entries.valueState(key, engine.entries.encode(changed), entry.ttl());
    ask("update", store -> store.swap(key.text(), entry.stamp(), next, null), this::onSwapped);
  }

  private void onSwapped(@Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      removeAfter(failure);
    } else if (Boolean.TRUE.equals(swapped)) {
      succeed(true);
    } else {
      startAgain();
    }
  }

  private void remove() {
    ask(
        "update",
        store -> store.remove(key.text()),
        (removed, failure) -> {
          if (failure != null) {
            fail(failure);
          } else {
            succeed(false);
          }
        });
  }

  /** Leaves no doubt behind: what may or may not have been updated is removed. */
  private void removeAfter(StoreException failure) {
    ask("update", store -> store.remove(key.text()), (removed, again) -> fail(failure));
  }
}
