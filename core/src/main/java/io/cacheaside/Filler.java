package io.cacheaside;

import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Stores what was loaded: replaces the state that a grant names, and no other.
 *
 * <p>So it has no effect once the key was invalidated or the lease was taken over. Nobody waits for
 * it: commands leave in order, so that what the same thread does next to the key finds it done.
 */
final class Filler<K, V> {
  private final Guard guard;
  private final Leases<K, V> leases;
  private final Loads<K, V> loads;
  private final Entries<K, V> entries;
  private final Lifetimes<K, V> lifetimes;
  private final Tags<K> tags;
  private final Barriers<K, V> barriers;
  private final Changes changes;
  private final Events<K> events;
  private final Executor executor;

  Filler(
      Guard guard,
      Leases<K, V> leases,
      Loads<K, V> loads,
      Entries<K, V> entries,
      Lifetimes<K, V> lifetimes,
      Tags<K> tags,
      Barriers<K, V> barriers,
      Changes changes,
      Events<K> events,
      Executor executor) {
    this.guard = guard;
    this.leases = leases;
    this.loads = loads;
    this.entries = entries;
    this.lifetimes = lifetimes;
    this.tags = tags;
    this.barriers = barriers;
    this.changes = changes;
    this.events = events;
    this.executor = executor;
  }

  /**
   * What is to be stored: the answer of a loader, and by which right.
   *
   * @param payload the encoded value; null if it is encoded when it is sent
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Filling<K, V>(
      Load<K, V> load,
      Grant grant,
      Loaded<V> loaded,
      ReadOptions options,
      Duration loadTime,
      byte @Nullable [] payload) {

    Filling<K, V> with(byte[] encoded) {
      return new Filling<>(load, grant, loaded, options, loadTime, encoded);
    }

    /** Returns whether it may be stored, and is to live for any time. */
    boolean isStorable() {
      Duration given = givenTtl();
      return loaded.storable() && (given == null || !Lifetimes.isOver(given));
    }

    @Nullable Duration givenTtl() {
      return loaded.ttl() == null ? options.ttl() : loaded.ttl();
    }
  }

  /** Replaces the state of the grant by what was loaded, or by what stands for it. */
  void fill(Load<K, V> load, Loaded<V> loaded, ReadOptions options, Duration loadTime) {
    Grant grant = load.grant();
    changes.outdate(load.key().text());
    if (grant == null) {
      loads.ended(load);
    } else if (grant.barrier() && !passes(load, grant, loaded)) {
      leases.release(load);
    } else {
      Filling<K, V> filling = new Filling<>(load, grant, loaded, options, loadTime, null);
      if (filling.isStorable()) {
        fill(filling);
      } else {
        fillWithPass(load, grant);
      }
    }
  }

  private boolean passes(Load<K, V> load, Grant grant, Loaded<V> loaded) {
    V value = loaded.value();
    if (value == null || !loaded.storable() || grant.minVersion().isEmpty()) {
      return false;
    }
    try {
      return barriers.versionOf(value) >= grant.minVersion().getAsLong();
    } catch (Throwable e) {
      events.fillSkipped(load.key(), e);
      return false;
    }
  }

  private void fill(Filling<K, V> filling) {
    TagIds before = filling.grant().tags();
    if (filling.loaded().tags().isEmpty()) {
      fill(filling, before.ofValue(Map.of()));
    } else {
      bind(filling, before);
    }
  }

  /** Encodes before the tags are read, because the caller then has the value and may change it. */
  private void bind(Filling<K, V> filling, TagIds before) {
    Filling<K, V> encoded;
    try {
      encoded = encoded(filling);
    } catch (Throwable e) {
      events.fillSkipped(filling.load().key(), e);
      fillWithPass(filling.load(), filling.grant());
      return;
    }
    guard.call(
        "tag",
        executor,
        filling.load().batch(),
        store -> tags.bind(store, before, filling.loaded().tags()),
        (ids, failure) -> onBound(encoded, ids, failure),
        () -> loads.ended(filling.load()));
  }

  private Filling<K, V> encoded(Filling<K, V> filling) {
    V value = filling.loaded().value();
    return value == null ? filling : filling.with(entries.encode(filling.load().key(), value));
  }

  private void onBound(
      Filling<K, V> filling, @Nullable TagIds ids, @Nullable StoreException failure) {
    if (failure != null) {
      events.fillLost();
      leases.release(filling.load());
    } else if (ids == null) {
      events.fillRefused(filling.load().key());
      leases.release(filling.load());
    } else {
      fill(filling, ids);
    }
  }

  private void fill(Filling<K, V> filling, TagIds ids) {
    V value = filling.loaded().value();
    if (value == null) {
      fillWithAbsence(filling.load(), filling.grant(), ids);
      return;
    }
    try {
      fillWithValue(filling, value, ids);
    } catch (Throwable e) {
      events.fillSkipped(filling.load().key(), e);
      fillWithPass(filling.load(), filling.grant());
    }
  }

  private void fillWithValue(Filling<K, V> filling, V value, TagIds ids) {
    EntryKey<K> key = filling.load().key();
    Lifetime lifetime = lifetimes.of(key, value, filling.givenTtl());
    Entry replaced = filling.grant().replaced();
    boolean unchanged = filling.loaded().notModified() && filling.loaded().tags().isEmpty();
    if (unchanged && replaced != null) {
      prolong(filling.load(), filling.grant(), replaced, lifetime);
    } else {
      byte[] encoded = filling.payload();
      byte[] payload = encoded == null ? entries.encode(key, value) : encoded;
      tags.renewNowAndThen(guard, key, ids, filling.grant().tags().any());
      byte[] shared = sharedState(filling, value, payload);
      if (shared != null) {
        swap(filling.load(), filling.grant(), shared, null);
        return;
      }
      swap(
          filling.load(),
          filling.grant(),
          entries.valueState(key, payload, lifetime, filling.loadTime(), ids),
          lifetime.ttl());
    }
  }

  /**
   * Returns a value that keeps the payload it was loaded beside, and the rest of its life, for the
   * programs that can read it; null if it cannot.
   */
  private byte @Nullable [] sharedState(Filling<K, V> filling, V value, byte[] payload) {
    EntryKey<K> key = filling.load().key();
    Entry other = filling.grant().replaced();
    boolean shared =
        filling.grant().shared()
            && other != null
            && filling.loaded().tags().isEmpty()
            && lifetimes.mayLiveAsLongAs(other, key, value, filling.givenTtl());
    return shared && other != null ? entries.sharedState(key, other, payload) : null;
  }

  private void fillWithAbsence(Load<K, V> load, Grant grant, TagIds ids) {
    Duration absentTtl = lifetimes.absentTtl();
    if (absentTtl != null) {
      Duration ttl = lifetimes.shortened(absentTtl);
      swap(load, grant, entries.absentState(load.key(), ttl, ids), ttl);
    } else if (grant.isRefresh()) {
      remove(load, grant);
    } else {
      leases.release(load);
    }
  }

  /** Leaves a note that nobody needs to wait for loads of this key, because none is stored. */
  private void fillWithPass(Load<K, V> load, Grant grant) {
    if (grant.barrier() || grant.shared()) {
      leases.release(load);
    } else {
      Duration ttl = lifetimes.ttl();
      byte[] note = entries.passState(load.key(), ttl);
      guard.send(
          "fill",
          load.batch(),
          store -> store.swap(load.key().text(), grant.stamp(), note, ttl),
          Boolean.TRUE::equals,
          (noted, failure) -> passed(load, grant, failure),
          () -> loads.ended(load));
    }
  }

  private void passed(Load<K, V> load, Grant grant, @Nullable StoreException failure) {
    if (failure != null || grant.isRefresh()) {
      leases.release(load);
    } else {
      loads.ended(load);
    }
  }

  private void swap(Load<K, V> load, Grant grant, byte[] state, @Nullable Duration ttl) {
    guard.send(
        "fill",
        load.batch(),
        store -> store.swap(load.key().text(), grant.stamp(), state, ttl),
        Boolean.TRUE::equals,
        (swapped, failure) -> filled(load, grant, swapped, failure),
        () -> loads.ended(load));
  }

  /** Gives the old value, which is still current, its time to live anew. */
  private void prolong(Load<K, V> load, Grant grant, Entry replaced, Lifetime lifetime) {
    byte[] head = entries.headWith(load.key(), replaced, lifetime);
    guard.send(
        "fill",
        load.batch(),
        store -> store.swapHead(load.key().text(), grant.stamp(), head, lifetime.ttl()),
        Boolean.TRUE::equals,
        (swapped, failure) -> filled(load, grant, swapped, failure),
        () -> loads.ended(load));
  }

  /** Takes away the old value of a key under which the source has nothing any more. */
  private void remove(Load<K, V> load, Grant grant) {
    guard.send(
        "fill",
        load.batch(),
        store -> store.remove(load.key().text(), grant.stamp()),
        Boolean.TRUE::equals,
        (removed, failure) -> filled(load, grant, removed, failure),
        () -> loads.ended(load));
  }

  private void filled(
      Load<K, V> load, Grant grant, @Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      events.fillLost();
      leases.release(load);
      return;
    }
    if (Boolean.TRUE.equals(swapped)) {
      events.filled();
    } else if (grant.lease() != null) {
      events.fillRefused(load.key());
    }
    if (grant.isRefresh()) {
      leases.release(load);
    } else {
      loads.ended(load);
    }
  }
}
