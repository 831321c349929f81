package io.cacheaside;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One {@code setTtl} or {@code touch}: reads the header of a value and writes it back with a time
 * to live.
 */
final class TtlOperation<K, V> extends Operation<K, V, Boolean> {
  private final EntryKey<K> key;
  private final @Nullable Duration ttl;

  /**
   * Creates an operation that sets a time to live; null: the one that the value was written with.
   */
  TtlOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, @Nullable Duration ttl) {
    super(engine, caller);
    this.key = key;
    this.ttl = ttl;
  }

  @Override
  void start() {
    ask("ttl", store -> store.readTimed(key.text(), Entry.HEADER_BYTES), this::onRead);
  }

  private void onRead(@Nullable TimedState state, @Nullable StoreException failure) {
    if (failure != null) {
      fail(failure);
      return;
    }
    Entry entry = engine.entries.parse(key, state == null ? null : state.bytes());
    if (entry.is(Entry.Kind.VALUE)) {
      write(entry, ttl == null ? entry.ttl() : ttl);
    } else {
      succeed(false);
    }
  }

  private void write(Entry entry, Duration newTtl) {
    byte[] head = ttl == null ? entry.head() : engine.entries.headWithTtl(key, entry, newTtl);
    ask(
        "ttl",
        store -> store.swapHead(key.text(), entry.stamp(), head, newTtl),
        (written, failure) -> {
          if (failure != null) {
            fail(failure);
          } else if (Boolean.TRUE.equals(written)) {
            succeed(true);
          } else {
            startAgain();
          }
        });
  }
}
