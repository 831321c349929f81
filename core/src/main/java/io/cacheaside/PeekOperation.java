package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look at an entry and its remaining time, which never loads; a store that fails holds nothing.
 */
abstract class PeekOperation<K, V, R> extends Operation<R> {
  final Engine<K, V> engine;
  final EntryKey<K> key;
  private final int maxBytes;

  PeekOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key, int maxBytes) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
    this.maxBytes = engine.tags.areUsed() ? Integer.MAX_VALUE : maxBytes;
  }

  @Override
  final void start() {
    if (engine.unconfirmed.covers(key)) {
      succeed(nothing());
    } else {
      ask("read", store -> engine.looks.askTimed(store, key, maxBytes), this::onRaw);
    }
  }

  private void onRaw(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
    Look look = raw == null || failure != null ? null : engine.looks.read(key, raw);
    if (look == null || !look.entry().isAnswer()) {
      succeed(nothing());
    } else {
      engine.looks.ifCurrent(
          this,
          look,
          current -> succeed(found(current)),
          () -> succeed(nothing()),
          unknown -> succeed(nothing()));
    }
  }

  abstract R found(Look look);

  final Provenance provenance(Look look) {
    return look.provenance(engine.isNear(key.key()));
  }

  abstract R nothing();

  /** Says what an entry is, with its value. */
  static final class OfEntry<K, V> extends PeekOperation<K, V, Lookup<V>> {
    OfEntry(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key, Integer.MAX_VALUE);
    }

    @Override
    Lookup<V> found(Look look) {
      Entry entry = look.entry();
      if (entry.is(Entry.Kind.ABSENT)) {
        return new Lookup.AbsentInSource<>(provenance(look));
      }
      V value = engine.looks.decodeOrNull(key, entry);
      if (value == null) {
        return nothing();
      }
      return Freshness.isStale(look)
          ? new Lookup.Stale<>(value, provenance(look))
          : new Lookup.Hit<>(value, provenance(look));
    }

    @Override
    Lookup<V> nothing() {
      return new Lookup.NotCached<>();
    }
  }

  /** Says how much time a value has left in which it is fresh. */
  static final class OfTtl<K, V> extends PeekOperation<K, V, Optional<Duration>> {
    OfTtl(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key, Entry.HEADER_BYTES);
    }

    @Override
    Optional<Duration> found(Look look) {
      return look.entry().is(Entry.Kind.VALUE) && !Freshness.isStale(look)
          ? Optional.of(provenance(look).remaining())
          : nothing();
    }

    @Override
    Optional<Duration> nothing() {
      return Optional.empty();
    }
  }
}
