package io.cacheaside.internal.lease;

import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryCodec;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.entry.Lifetime;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.entry.TagIds;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.flow.Batch;
import io.cacheaside.internal.flow.GuardedStore;
import io.cacheaside.internal.invalidate.Barriers;
import io.cacheaside.internal.lease.Grant.Admission.Any;
import io.cacheaside.internal.lease.Grant.Admission.AtLeast;
import io.cacheaside.internal.lease.Grant.Admission.Joining;
import io.cacheaside.internal.read.Epochs;
import io.cacheaside.internal.read.Tags;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Stores what was loaded: replaces the state that a grant names, and no other.
 *
 * <p>So it has no effect once the key was invalidated or the lease was taken over. Nobody waits for
 * it: commands leave in order, so that what the same thread does next to the key finds it done.
 */
public final class Filler<K, V> {
  private final GuardedStore guard;
  private final Leases leases;
  private final EntryCodec<K, V> entryCodec;
  private final Lifetimes<K, V> lifetimes;
  private final Tags<K> tags;
  private final Barriers<K, V> barriers;
  private final Epochs epochs;
  private final Events<K> events;
  private final Executor executor;

  public Filler(
      GuardedStore guard,
      Leases leases,
      EntryCodec<K, V> entryCodec,
      Lifetimes<K, V> lifetimes,
      Tags<K> tags,
      Barriers<K, V> barriers,
      Epochs epochs,
      Events<K> events,
      Executor executor) {
    this.guard = guard;
    this.leases = leases;
    this.entryCodec = entryCodec;
    this.lifetimes = lifetimes;
    this.tags = tags;
    this.barriers = barriers;
    this.epochs = epochs;
    this.events = events;
    this.executor = executor;
  }

  /**
   * Replaces the state of a grant by what was loaded, or by what stands for it.
   *
   * @param grant null if there was no store to give one; nothing is stored then
   * @param batch the commands to which these belong; null if they are sent alone
   * @param loadTime how long the loader has taken
   * @param settled runs when the store has answered, or nothing is stored
   */
  public void fill(
      EntryKey<K> key,
      @Nullable Grant grant,
      @Nullable Batch batch,
      LoadResult<V> loaded,
      Duration loadTime,
      Runnable settled) {
    epochs.outdate(key.text());
    if (grant == null) {
      settled.run();
    } else {
      new Fill(key, grant, batch, loaded, loadTime, settled).begin();
    }
  }

  /** One result on its way to the store. */
  private final class Fill {
    private final EntryKey<K> key;
    private final Grant grant;
    private final @Nullable Batch batch;
    private final LoadResult<V> loaded;
    private final Duration loadTime;
    private final Runnable settled;

    /** The encoded value; null until it is encoded. */
    private byte @Nullable [] payload;

    Fill(
        EntryKey<K> key,
        Grant grant,
        @Nullable Batch batch,
        LoadResult<V> loaded,
        Duration loadTime,
        Runnable settled) {
      this.key = key;
      this.grant = grant;
      this.batch = batch;
      this.loaded = loaded;
      this.loadTime = loadTime;
      this.settled = settled;
    }

    void begin() {
      if (grant.admission() instanceof AtLeast bound && !isAdmitted(bound.version())) {
        release();
      } else if (!isStorable()) {
        fillWithPass();
      } else if (loaded.tags().isEmpty()) {
        fill(grant.tags().ofValue(Map.of()));
      } else {
        bind();
      }
    }

    private boolean isAdmitted(OptionalLong least) {
      V value = loaded.value();
      if (value == null || !loaded.storable() || least.isEmpty()) {
        return false;
      }
      try {
        return barriers.versionOf(value) >= least.getAsLong();
      } catch (Throwable e) {
        events.fillSkipped(key, e);
        return false;
      }
    }

    /** Returns whether it may be stored, and is to live for any time. */
    private boolean isStorable() {
      Duration given = loaded.ttl();
      return loaded.storable() && (given == null || !Lifetimes.isOver(given));
    }

    private void settle() {
      settled.run();
    }

    private void release() {
      settle();
      leases.release(grant.lease(), batch);
    }

    // ---- Tags of the loader -------------------------------------------------------------------

    /**
     * Encodes before the tags are read, because the caller then has the value and may change it.
     */
    private void bind() {
      try {
        encode();
      } catch (Throwable e) {
        skip(e);
        return;
      }
      guard.call(
          "tag",
          executor,
          batch,
          store -> tags.bind(store, grant.tags(), loaded.tags()),
          this::onBound,
          this::settle);
    }

    private void encode() {
      V value = loaded.value();
      if (value != null) {
        payload = entryCodec.encode(key, value);
      }
    }

    private void onBound(@Nullable TagIds ids, @Nullable StoreException failure) {
      if (failure != null) {
        events.fillLost();
        release();
      } else if (ids == null) {
        events.fillRefused(key);
        release();
      } else {
        fill(ids);
      }
    }

    // ---- What is stored -----------------------------------------------------------------------

    private void fill(TagIds ids) {
      V value = loaded.value();
      if (value == null) {
        fillWithAbsence(ids);
        return;
      }
      try {
        fillWithValue(value, ids);
      } catch (Throwable e) {
        skip(e);
      }
    }

    private void skip(Throwable reason) {
      events.fillSkipped(key, reason);
      fillWithPass();
    }

    private void fillWithValue(V value, TagIds ids) {
      Lifetime lifetime = lifetimes.of(key, value, loaded.ttl());
      if (loaded.notModified()
          && loaded.tags().isEmpty()
          && grant instanceof Grant.OnRefresh refresh) {
        prolong(refresh.replaced(), lifetime);
        return;
      }
      byte[] encoded = payload == null ? entryCodec.encode(key, value) : payload;
      tags.renewNowAndThen(guard, key, ids, grant.tags().any());
      byte[] shared = sharedState(value, encoded);
      if (shared != null) {
        swap(shared, null);
        return;
      }
      swap(entryCodec.valueState(key, encoded, lifetime, loadTime, ids), lifetime.ttl());
    }

    /**
     * Returns a value that keeps the payload it was loaded beside, and the rest of its life, for
     * the programs that can read it; null if it cannot.
     */
    private byte @Nullable [] sharedState(V value, byte[] encoded) {
      if (grant instanceof Grant.OnRefresh refresh
          && refresh.admission() instanceof Joining
          && loaded.tags().isEmpty()
          && lifetimes.mayLiveAsLongAs(refresh.replaced(), key, value, loaded.ttl())) {
        return entryCodec.sharedState(key, refresh.replaced(), encoded);
      }
      return null;
    }

    private void fillWithAbsence(TagIds ids) {
      Duration absentTtl = lifetimes.absentTtl();
      if (absentTtl != null) {
        Duration ttl = lifetimes.shortened(absentTtl);
        swap(entryCodec.absentState(key, ttl, ids), ttl);
      } else if (grant instanceof Grant.OnRefresh) {
        remove();
      } else {
        release();
      }
    }

    /** Leaves a note that nobody needs to wait for loads of this key, because none is stored. */
    private void fillWithPass() {
      if (!(grant.admission() instanceof Any)) {
        release();
      } else {
        Duration ttl = lifetimes.ttl();
        byte[] note = entryCodec.passState(key, ttl);
        guard.send(
            "fill",
            batch,
            store -> store.swap(key.text(), grant.stamp(), note, ttl),
            Boolean.TRUE::equals,
            (noted, failure) -> passed(failure),
            this::settle);
      }
    }

    private void passed(@Nullable StoreException failure) {
      if (failure != null || grant instanceof Grant.OnRefresh) {
        release();
      } else {
        settle();
      }
    }

    // ---- How it is stored ---------------------------------------------------------------------

    private void swap(byte[] state, @Nullable Duration ttl) {
      guard.send(
          "fill",
          batch,
          store -> store.swap(key.text(), grant.stamp(), state, ttl),
          Boolean.TRUE::equals,
          this::filled,
          this::settle);
    }

    /** Gives the old value, which is still current, its time to live anew. */
    private void prolong(Entry replaced, Lifetime lifetime) {
      byte[] head = entryCodec.headWith(key, replaced, lifetime);
      guard.send(
          "fill",
          batch,
          store -> store.swapHead(key.text(), grant.stamp(), head, lifetime.ttl()),
          Boolean.TRUE::equals,
          this::filled,
          this::settle);
    }

    /** Takes away the old value of a key under which the source has nothing any more. */
    private void remove() {
      guard.send(
          "fill",
          batch,
          store -> store.remove(key.text(), grant.stamp()),
          Boolean.TRUE::equals,
          this::filled,
          this::settle);
    }

    private void filled(@Nullable Boolean swapped, @Nullable StoreException failure) {
      if (failure != null) {
        events.fillLost();
        release();
        return;
      }
      if (Boolean.TRUE.equals(swapped)) {
        events.filled();
      } else if (grant.lease() != null) {
        events.fillRefused(key);
      }
      if (grant instanceof Grant.OnRefresh) {
        release();
      } else {
        settle();
      }
    }
  }
}
