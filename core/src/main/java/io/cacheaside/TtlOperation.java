package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One {@code setTtl}, {@code touch} or {@code markStale}: reads the header of a value and writes it
 * back with another life.
 */
abstract class TtlOperation<K, V> extends Operation<Boolean> {
  final Engine<K, V> engine;
  final EntryKey<K> key;

  TtlOperation(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
    super(engine.context, caller);
    this.engine = engine;
    this.key = key;
  }

  @Override
  void start() {
    if (engine.unconfirmed.covers(key)) {
      succeed(false);
      return;
    }
    int maxBytes = engine.tags.areUsed() ? Integer.MAX_VALUE : Entry.HEADER_BYTES;
    ask("ttl", store -> engine.looks.askTimed(store, key, maxBytes), this::onRead);
  }

  private void onRead(Looks.@Nullable Raw raw, @Nullable StoreException failure) {
    if (failure != null) {
      fail(failure);
    } else if (raw != null) {
      Look look = engine.looks.read(key, raw);
      if (look.entry().is(Entry.Kind.VALUE)) {
        engine.looks.ifCurrent(this, look, this::write, () -> notAValue(look.entry()), this::fail);
      } else {
        notAValue(look.entry());
      }
    }
  }

  /** Gives a value another life, with {@link #swapHead}. */
  abstract void write(Look look);

  void notAValue(Entry entry) {
    succeed(false);
  }

  final void swapHead(Entry entry, byte[] head, @Nullable Duration ttl) {
    ask(
        "ttl",
        store -> store.swapHead(key.text(), entry.stamp(), head, ttl),
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

  /** Sets a time to live. */
  static final class Set<K, V> extends TtlOperation<K, V> {
    private final Lifetime lifetime;

    Set(Engine<K, V> engine, Caller caller, EntryKey<K> key, Duration ttl) {
      super(engine, caller, key);
      this.lifetime = engine.lifetimes.exactly(Lifetimes.checked("ttl", ttl));
    }

    @Override
    void write(Look look) {
      byte[] head = engine.entries.headWith(key, look.entry(), lifetime);
      swapHead(look.entry(), head, lifetime.ttl());
    }
  }

  /** Begins the time to live anew. */
  static final class Touch<K, V> extends TtlOperation<K, V> {
    Touch(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key);
    }

    @Override
    void write(Look look) {
      if (Freshness.isStale(look)) {
        succeed(false);
      } else {
        swapHead(look.entry(), look.entry().head(), look.entry().ttl());
      }
    }
  }

  /** Ends the time in which a value is fresh, and the authority of a load under way. */
  static final class MarkStale<K, V> extends TtlOperation<K, V> {
    MarkStale(Engine<K, V> engine, Caller caller, EntryKey<K> key) {
      super(engine, caller, key);
    }

    @Override
    void write(Look look) {
      Entry entry = look.entry();
      swapHead(entry, engine.entries.headOfStale(key, entry, look.age()), null);
    }

    @Override
    void notAValue(Entry entry) {
      if (!entry.is(Entry.Kind.LEASE) && !entry.is(Entry.Kind.PASS)) {
        succeed(false);
        return;
      }
      ask(
          "ttl",
          store -> store.remove(key.text(), entry.stamp()),
          (removed, failure) -> {
            if (failure != null) {
              fail(failure);
            } else if (Boolean.TRUE.equals(removed)) {
              succeed(false);
            } else {
              startAgain();
            }
          });
    }
  }
}
