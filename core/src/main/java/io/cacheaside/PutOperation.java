package io.cacheaside;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One {@code put}: stores a value whatever is there, but for a barrier. */
final class PutOperation<K, V> extends Operation<K, V, @Nullable Void> {
  private final EntryKey<K> key;
  private final V value;
  private final @Nullable Duration ttl;
  private final long number;

  PutOperation(
      Engine<K, V> engine, Caller caller, EntryKey<K> key, V value, @Nullable Duration ttl) {
    super(engine, caller);
    this.key = key;
    this.value = value;
    this.ttl = ttl;
    this.number = engine.unconfirmed.nextNumber();
  }

  /** Encodes first: the caller may change its object as soon as the call has returned. */
  @Override
  void start() {
    Lifetime lifetime = engine.lifetimes.of(key, value, ttl);
    byte[] payload = engine.entries.encode(key, value);
    if (engine.tags.areUsed()) {
      ask(
          "read",
          store -> engine.looks.tags(store, key),
          (tags, failure) -> {
            if (failure != null) {
              fail(failure);
            } else if (tags != null) {
              put(payload, lifetime, tags);
            }
          });
    } else {
      put(payload, lifetime, TagIds.NONE);
    }
  }

  private void put(byte[] payload, Lifetime lifetime, TagIds tags) {
    byte[] state = engine.entries.valueState(key, payload, lifetime, null, tags.ofValue(Map.of()));
    ask(
        "put",
        store -> engine.barriers.put(store, key, state, lifetime.ttl()),
        (stored, failure) -> {
          if (failure != null) {
            fail(failure);
          } else if (Boolean.TRUE.equals(stored) && engine.unconfirmed.knows(key)) {
            settle();
          } else {
            succeed(null);
          }
        });
  }

  /**
   * Stands in for an invalidation of the key that failed, if the value has as many copies as that
   * would have. If not, the invalidation is still to be repeated, and the value goes with it.
   */
  private void settle() {
    ask(
        "put",
        store -> store.awaitCopies(List.of(key.text())),
        (copied, failure) -> {
          if (failure == null) {
            engine.unconfirmed.confirm(List.of(key), number);
          }
          succeed(null);
        });
  }
}
