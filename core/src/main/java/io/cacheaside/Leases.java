package io.cacheaside;

import io.cacheaside.codec.CodecException;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a granted lease: it is renewed, given back, or replaced by what was loaded.
 *
 * <p>All of it names the id of the lease, so it has no effect once the key was invalidated or the
 * lease was taken over. Nobody waits for it: commands leave in order, so that what the same thread
 * does next to the key finds it done.
 */
final class Leases<K, V> {
  private final Engine<K, V> engine;

  Leases(Engine<K, V> engine) {
    this.engine = engine;
  }

  /** Replaces the lease by a value; by a cached absence, or nothing, if the value is null. */
  void fill(Load<K, V> load, @Nullable V value, Duration ttl) {
    Lease lease = load.lease();
    if (lease == null) {
      engine.loads.ended(load);
      return;
    }
    Duration absentTtl = engine.settings.absentTtl();
    if (value != null) {
      fillWith(load, lease, value, engine.ttls.spread(ttl));
    } else if (absentTtl != null) {
      Duration spread = engine.ttls.spread(absentTtl);
      swap(load, lease, engine.entries.absentState(load.key(), spread), spread);
    } else {
      release(load);
    }
  }

  private void fillWith(Load<K, V> load, Lease lease, V value, Duration ttl) {
    byte[] payload;
    try {
      payload = engine.entries.encode(value);
    } catch (CodecException e) {
      engine.events.fillSkipped(load.key(), e);
      release(load);
      return;
    }
    swap(load, lease, engine.entries.valueState(load.key(), payload, ttl), ttl);
  }

  private void swap(Load<K, V> load, Lease lease, byte[] state, Duration ttl) {
    engine.guard.call(
        "fill",
        engine.executor,
        store -> store.swap(load.key().text(), lease.stamp(), state, ttl),
        (swapped, failure) -> filled(load, swapped, failure));
  }

  private void filled(
      Load<K, V> load, @Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      engine.events.fillLost();
      release(load);
      return;
    }
    engine.loads.ended(load);
    if (Boolean.TRUE.equals(swapped)) {
      engine.events.filled();
    } else {
      engine.events.fillRefused(load.key());
    }
  }

  /** Gives the lease back, so that the next reader can load at once. */
  void release(Load<K, V> load) {
    engine.loads.ended(load);
    Lease lease = load.lease();
    if (lease != null) {
      engine.guard.call(
          "release",
          engine.executor,
          store -> store.remove(load.key().text(), lease.stamp()),
          (removed, failure) -> {});
    }
  }

  /** Prolongs the lease by its own time. One that is lost stays lost. */
  void renew(Load<K, V> load) {
    Lease lease = load.lease();
    if (lease != null) {
      engine.guard.call(
          "renew",
          engine.executor,
          store -> store.swapHead(load.key().text(), lease.stamp(), lease.renewed(), lease.ttl()),
          (renewed, failure) -> {});
    }
  }
}
