package io.cacheaside;

import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a grant: its lease is renewed and given back, and the state that it names is
 * replaced by what was loaded.
 *
 * <p>All of it names ids, so it has no effect once the key was invalidated or the lease was taken
 * over. Nobody waits for it: commands leave in order, so that what the same thread does next to the
 * key finds it done.
 */
final class Leases<K, V> {
  /** A failure is remembered longer than it holds loads back, so that the next hold is longer. */
  private static final int KEPT_HOLDS = 3;

  private final Engine<K, V> engine;
  private final Renewals<K, V> renewals;

  Leases(Engine<K, V> engine) {
    this.engine = engine;
    this.renewals = new Renewals<>(engine);
  }

  // ---- Asking for a lease ---------------------------------------------------------------------

  /** Asks for the lease of a load on a miss; the answer is null, or what is there instead. */
  static CompletionStage<byte @Nullable []> ask(Store store, Load<?, ?> load) {
    Lease lease = load.heldLease();
    return store.putIfAbsent(lease.key().text(), lease.state(), lease.ttl());
  }

  /**
   * The answer to a claim.
   *
   * @param refused what was there instead of the lease; null if it was granted
   * @param inTheWay the same a moment later, with its remaining time
   * @param stillThere whether the entry to be refreshed {@linkplain #isStillThere is still there}
   */
  @SuppressWarnings("ArrayRecordComponent")
  record ClaimReply(byte @Nullable [] refused, @Nullable TimedState inTheWay, boolean stillThere) {

    ClaimReply withEntry(boolean isStillThere) {
      return new ClaimReply(refused, inTheWay, isStillThere);
    }

    boolean isGranted(Load<?, ?> load, Look other) {
      return refused == null || load.heldLease().is(other.entry());
    }

    /** Returns what is in the way of the lease, if it was refused. */
    Look other(Entries<?, ?> entries, Load<?, ?> load) {
      byte[] state = refused == null || inTheWay == null ? refused : inTheWay.bytes();
      Duration remaining = inTheWay == null ? Duration.ZERO : inTheWay.remaining();
      return new Look(entries.parse(load.heldLease().key(), state), remaining, TagIds.NONE, null);
    }
  }

  /**
   * Asks for the lease of a refresh, and looks at its entry again.
   *
   * @param ageIsSure whether the age of the entry is known to be its own
   */
  static CompletionStage<ClaimReply> claim(Store store, Load<?, ?> load, boolean ageIsSure) {
    CompletableFuture<CompletionStage<ClaimReply>> claimed = new CompletableFuture<>();
    Batch.together(
        store,
        () -> {
          CompletionStage<byte @Nullable []> refused = ask(store, load);
          CompletionStage<@Nullable TimedState> inTheWay =
              store.readTimed(load.heldLease().key().text(), Integer.MAX_VALUE);
          CompletionStage<Boolean> stillThere = isStillThere(store, load, ageIsSure);
          claimed.complete(
              refused
                  .thenCombine(inTheWay, (state, timed) -> new ClaimReply(state, timed, false))
                  .thenCombine(stillThere, ClaimReply::withEntry));
        });
    return claimed.join();
  }

  /**
   * Returns whether the entry to be refreshed is still the one that was seen and, unless that is
   * sure, as old as it seemed: who reads it while it is written {@linkplain Store#readTimed may
   * see} the time that the state before it had left.
   */
  static CompletionStage<Boolean> isStillThere(Store store, Load<?, ?> load, boolean ageIsSure) {
    Grant grant = Objects.requireNonNull(load.grant());
    return store
        .readTimed(load.key().text(), Entry.STAMP_BYTES)
        .thenApply(
            now ->
                now != null
                    && Arrays.equals(now.bytes(), grant.stamp())
                    && (ageIsSure || !grant.onlySeemedOld(now.remaining())));
  }

  // ---- Storing what was loaded ----------------------------------------------------------------

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
    engine.changes.outdate(load.key().text());
    if (grant == null) {
      engine.loads.ended(load);
    } else if (grant.barrier() && !passes(load, grant, loaded)) {
      release(load);
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
      return engine.barriers.versionOf(value) >= grant.minVersion().getAsLong();
    } catch (Throwable e) {
      engine.events.fillSkipped(load.key(), e);
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
      engine.events.fillSkipped(filling.load().key(), e);
      fillWithPass(filling.load(), filling.grant());
      return;
    }
    engine.guard.call(
        "tag",
        engine.executor,
        filling.load().batch(),
        store -> engine.tags.bind(store, before, filling.loaded().tags()),
        (tags, failure) -> onBound(encoded, tags, failure),
        () -> engine.loads.ended(filling.load()));
  }

  private Filling<K, V> encoded(Filling<K, V> filling) {
    V value = filling.loaded().value();
    return value == null
        ? filling
        : filling.with(engine.entries.encode(filling.load().key(), value));
  }

  private void onBound(
      Filling<K, V> filling, @Nullable TagIds tags, @Nullable StoreException failure) {
    if (failure != null) {
      engine.events.fillLost();
      release(filling.load());
    } else if (tags == null) {
      engine.events.fillRefused(filling.load().key());
      release(filling.load());
    } else {
      fill(filling, tags);
    }
  }

  private void fill(Filling<K, V> filling, TagIds tags) {
    V value = filling.loaded().value();
    if (value == null) {
      fillWithAbsence(filling.load(), filling.grant(), tags);
      return;
    }
    try {
      fillWithValue(filling, value, tags);
    } catch (Throwable e) {
      engine.events.fillSkipped(filling.load().key(), e);
      fillWithPass(filling.load(), filling.grant());
    }
  }

  private void fillWithValue(Filling<K, V> filling, V value, TagIds tags) {
    EntryKey<K> key = filling.load().key();
    Lifetime lifetime = engine.lifetimes.of(key, value, filling.givenTtl());
    Entry replaced = filling.grant().replaced();
    boolean unchanged = filling.loaded().notModified() && filling.loaded().tags().isEmpty();
    if (unchanged && replaced != null) {
      prolong(filling.load(), filling.grant(), replaced, lifetime);
    } else {
      byte[] encoded = filling.payload();
      byte[] payload = encoded == null ? engine.entries.encode(key, value) : encoded;
      engine.tags.renewNowAndThen(engine.guard, key, tags, filling.grant().tags().any());
      byte[] shared = sharedState(filling, value, payload);
      if (shared != null) {
        swap(filling.load(), filling.grant(), shared, null);
        return;
      }
      swap(
          filling.load(),
          filling.grant(),
          engine.entries.valueState(key, payload, lifetime, filling.loadTime(), tags),
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
            && engine.lifetimes.mayLiveAsLongAs(other, key, value, filling.givenTtl());
    return shared && other != null ? engine.entries.sharedState(key, other, payload) : null;
  }

  private void fillWithAbsence(Load<K, V> load, Grant grant, TagIds tags) {
    Duration absentTtl = engine.settings.ttl().absent();
    if (absentTtl != null) {
      Duration ttl = engine.lifetimes.shortened(absentTtl);
      swap(load, grant, engine.entries.absentState(load.key(), ttl, tags), ttl);
    } else if (grant.isRefresh()) {
      remove(load, grant);
    } else {
      release(load);
    }
  }

  /** Leaves a note that nobody needs to wait for loads of this key, because none is stored. */
  private void fillWithPass(Load<K, V> load, Grant grant) {
    if (grant.barrier() || grant.shared()) {
      release(load);
    } else {
      Duration ttl = engine.settings.ttl().usual();
      byte[] note = engine.entries.passState(load.key(), ttl);
      engine.guard.send(
          "fill",
          load.batch(),
          store -> store.swap(load.key().text(), grant.stamp(), note, ttl),
          Boolean.TRUE::equals,
          (noted, failure) -> passed(load, grant, failure),
          () -> engine.loads.ended(load));
    }
  }

  private void passed(Load<K, V> load, Grant grant, @Nullable StoreException failure) {
    if (failure != null || grant.isRefresh()) {
      release(load);
    } else {
      engine.loads.ended(load);
    }
  }

  private void swap(Load<K, V> load, Grant grant, byte[] state, @Nullable Duration ttl) {
    engine.guard.send(
        "fill",
        load.batch(),
        store -> store.swap(load.key().text(), grant.stamp(), state, ttl),
        Boolean.TRUE::equals,
        (swapped, failure) -> filled(load, grant, swapped, failure),
        () -> engine.loads.ended(load));
  }

  /** Gives the old value, which is still current, its time to live anew. */
  private void prolong(Load<K, V> load, Grant grant, Entry replaced, Lifetime lifetime) {
    byte[] head = engine.entries.headWith(load.key(), replaced, lifetime);
    engine.guard.send(
        "fill",
        load.batch(),
        store -> store.swapHead(load.key().text(), grant.stamp(), head, lifetime.ttl()),
        Boolean.TRUE::equals,
        (swapped, failure) -> filled(load, grant, swapped, failure),
        () -> engine.loads.ended(load));
  }

  /** Takes away the old value of a key under which the source has nothing any more. */
  private void remove(Load<K, V> load, Grant grant) {
    engine.guard.send(
        "fill",
        load.batch(),
        store -> store.remove(load.key().text(), grant.stamp()),
        Boolean.TRUE::equals,
        (removed, failure) -> filled(load, grant, removed, failure),
        () -> engine.loads.ended(load));
  }

  private void filled(
      Load<K, V> load, Grant grant, @Nullable Boolean swapped, @Nullable StoreException failure) {
    if (failure != null) {
      engine.events.fillLost();
      release(load);
      return;
    }
    if (Boolean.TRUE.equals(swapped)) {
      engine.events.filled();
    } else if (grant.lease() != null) {
      engine.events.fillRefused(load.key());
    }
    if (grant.isRefresh()) {
      release(load);
    } else {
      engine.loads.ended(load);
    }
  }

  // ---- Giving back ----------------------------------------------------------------------------

  /** Gives the lease back, so that the next reader can load at once. */
  void release(Load<K, V> load) {
    engine.loads.ended(load);
    Lease lease = load.lease();
    if (lease != null) {
      engine.guard.send(
          Guard.RELEASE,
          load.batch(),
          store -> store.remove(lease.key().text(), lease.stamp()),
          answer -> true,
          (removed, failure) -> {});
    }
  }

  /**
   * Replaces the lease by the note that its load failed, for those who wait in other processes, and
   * for everybody while loads are held back.
   */
  void fail(Load<K, V> load, Throwable failure) {
    engine.loads.ended(load);
    Lease lease = load.lease();
    Grant grant = load.grant();
    if (lease != null && grant != null) {
      Duration held = engine.backOff.after(lease.failures() + 1, grant.isRefresh());
      Duration ttl = held.isZero() ? lease.ttl() : held.multipliedBy(KEPT_HOLDS);
      byte[] note = engine.entries.failureState(lease, ttl, held, failure);
      engine.guard.send(
          "fail",
          load.batch(),
          store -> store.swap(lease.key().text(), lease.stamp(), note, ttl),
          answer -> true,
          (noted, storeFailure) -> {
            if (storeFailure != null) {
              release(load);
            }
          });
    }
  }

  /** Prolongs the lease by its own time, together with others. One that is lost stays lost. */
  void renew(Load<K, V> load) {
    Lease lease = load.lease();
    if (lease != null && !lease.isLost()) {
      renewals.add(load);
    }
  }

  /** Prolongs the lease with the other commands of a batch. */
  void renew(Load<K, V> load, Batch batch) {
    Lease lease = load.heldLease();
    engine.guard.send(
        "renew",
        batch,
        store -> store.swapHead(lease.key().text(), lease.stamp(), lease.renewed(), lease.ttl()),
        answer -> true,
        (renewed, failure) -> {
          if (Boolean.FALSE.equals(renewed)) {
            lease.lost();
          }
        });
  }
}
