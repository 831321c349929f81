package io.cacheaside;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look at an entry and its remaining time, which never loads; a store that fails holds nothing.
 */
abstract class PeekOperation<K, V, R> extends Operation<K, V, R> {
  final EntryKey<K> key;
  private final int maxBytes;

  PeekOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, int maxBytes) {
    super(engine, caller);
    this.key = key;
    this.maxBytes = maxBytes;
  }

  @Override
  final void start() {
    ask("read", store -> store.readTimed(key.text(), maxBytes), this::onRead);
  }

  private void onRead(@Nullable TimedState state, @Nullable StoreException failure) {
    Entry entry = engine.entries.parse(key, state == null ? null : state.bytes());
    if (state == null || !(entry.is(Entry.Kind.VALUE) || entry.is(Entry.Kind.ABSENT))) {
      succeed(nothing());
    } else {
      Duration remaining = state.remaining();
      succeed(found(entry, remaining == null ? entry.ttl() : remaining));
    }
  }

  abstract R found(Entry entry, Duration remaining);

  abstract R nothing();

  /** Says what an entry is, with its value. */
  static final class OfEntry<K, V> extends PeekOperation<K, V, Lookup<V>> {
    OfEntry(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key, Integer.MAX_VALUE);
    }

    @Override
    Lookup<V> found(Entry entry, Duration remaining) {
      Duration age = entry.ttl().minus(remaining);
      Duration sane = age.isNegative() ? Duration.ZERO : age;
      return entry.is(Entry.Kind.VALUE)
          ? hit(entry, sane, remaining)
          : new Lookup.AbsentInSource<>(sane, remaining);
    }

    private Lookup<V> hit(Entry entry, Duration age, Duration remaining) {
      V value = engine.decodeOrNull(key, entry);
      return value == null ? nothing() : new Lookup.Hit<>(value, age, remaining);
    }

    @Override
    Lookup<V> nothing() {
      return new Lookup.NotCached<>();
    }
  }

  /** Says how much time a value has left, from its header alone. */
  static final class OfTtl<K, V> extends PeekOperation<K, V, Optional<Duration>> {
    OfTtl(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key, Entry.HEADER_BYTES);
    }

    @Override
    Optional<Duration> found(Entry entry, Duration remaining) {
      return entry.is(Entry.Kind.VALUE) ? Optional.of(remaining) : nothing();
    }

    @Override
    Optional<Duration> nothing() {
      return Optional.empty();
    }
  }
}
