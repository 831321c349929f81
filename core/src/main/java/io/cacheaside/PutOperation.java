package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One {@code put}: stores a value whatever is there. */
final class PutOperation<K, V> extends Operation<K, V, @Nullable Void> {
  private final EntryKey<K> key;
  private final V value;
  private final Duration ttl;

  PutOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, V value, Duration ttl) {
    super(engine, caller);
    this.key = key;
    this.value = value;
    this.ttl = engine.ttls.spread(ttl);
  }

  @Override
  void start() {
    byte[] state = engine.entries.valueState(key, engine.entries.encode(value), ttl);
    ask(
        "put",
        store -> store.put(key.text(), state, ttl),
        (stored, failure) -> {
          if (failure == null) {
            succeed(null);
          } else {
            fail(failure);
          }
        });
  }
}
