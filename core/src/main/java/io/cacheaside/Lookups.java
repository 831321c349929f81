package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what the cache holds under a key, without loading. */
final class Lookups<K, V> {
  private final Operation.Context context;
  private final Looks<K, V> looks;
  private final Tags<K> tags;
  private final Unconfirmed<K> unconfirmed;
  private final NearValues<K, V> nearValues;

  Lookups(
      Operation.Context context,
      Looks<K, V> looks,
      Tags<K> tags,
      Unconfirmed<K> unconfirmed,
      NearValues<K, V> nearValues) {
    this.context = context;
    this.looks = looks;
    this.tags = tags;
    this.unconfirmed = unconfirmed;
    this.nearValues = nearValues;
  }

  /** Returns a {@code lookup}. */
  Operation<Lookup<V>> of(Caller caller, EntryKey<K> key) {
    return new OfEntry(caller, key);
  }

  /** Returns a {@code remainingTtl}. */
  Operation<Optional<Duration>> ofTtl(Caller caller, EntryKey<K> key) {
    return new OfTtl(caller, key);
  }

  /**
   * One look at an entry and its remaining time, which never loads; a store that fails holds
   * nothing.
   */
  private abstract class Peek<R> extends Operation<R> {
    final EntryKey<K> key;
    private final int maxBytes;

    Peek(Caller caller, EntryKey<K> key, int maxBytes) {
      super(context, caller);
      this.key = key;
      this.maxBytes = tags.areUsed() ? Integer.MAX_VALUE : maxBytes;
    }

    @Override
    final void start() {
      if (unconfirmed.covers(key)) {
        succeed(nothing());
      } else {
        ask("read", store -> looks.askTimed(store, key, maxBytes), this::onRaw);
      }
    }

    private void onRaw(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
      Look look = raw == null || failure != null ? null : looks.read(key, raw);
      if (look == null || !look.entry().isAnswer()) {
        succeed(nothing());
      } else {
        looks.ifCurrent(
            this,
            look,
            current -> succeed(found(current)),
            () -> succeed(nothing()),
            unknown -> succeed(nothing()));
      }
    }

    abstract R found(Look look);

    final Provenance provenance(Look look) {
      return look.provenance(nearValues.has(key.key()));
    }

    abstract R nothing();
  }

  /** Says what an entry is, with its value. */
  private final class OfEntry extends Peek<Lookup<V>> {
    OfEntry(Caller caller, EntryKey<K> key) {
      super(caller, key, Integer.MAX_VALUE);
    }

    @Override
    Lookup<V> found(Look look) {
      Entry entry = look.entry();
      if (entry.is(Entry.Kind.ABSENT)) {
        return new Lookup.AbsentInSource<>(provenance(look));
      }
      V value = looks.decodeOrNull(key, entry);
      if (value == null) {
        return nothing();
      }
      return look.isStale()
          ? new Lookup.Stale<>(value, provenance(look))
          : new Lookup.Hit<>(value, provenance(look));
    }

    @Override
    Lookup<V> nothing() {
      return new Lookup.NotCached<>();
    }
  }

  /** Says how much time a value has left in which it is fresh. */
  private final class OfTtl extends Peek<Optional<Duration>> {
    OfTtl(Caller caller, EntryKey<K> key) {
      super(caller, key, Entry.HEADER_BYTES);
    }

    @Override
    Optional<Duration> found(Look look) {
      return look.entry().is(Entry.Kind.VALUE) && !look.isStale()
          ? Optional.of(provenance(look).remaining())
          : nothing();
    }

    @Override
    Optional<Duration> nothing() {
      return Optional.empty();
    }
  }
}
