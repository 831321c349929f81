package io.cacheaside.internal.invalidate;

import io.cacheaside.Environment;
import io.cacheaside.internal.entry.Entry;
import io.cacheaside.internal.entry.EntryId;
import io.cacheaside.internal.entry.EntryKey;
import io.cacheaside.internal.flow.Stages;
import io.cacheaside.internal.read.Snapshot;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Barriers: states of a key behind which loads are served but not stored. An invalidation leaves
 * one as a hold-off, while replicas of the source catch up; a write puts one up as a fence, before
 * it commits.
 *
 * <p>Nothing shortens a barrier of somebody else: whoever finds one leaves it, or puts one in its
 * place that is at least as long. That needs a read before, and is repeated if others were faster.
 * A cache without hold-off and fences has no barriers, and its removals are removals.
 */
public final class Barriers<K, V> {
  private static final int MAX_TRIES = 50;
  private static final int BARRIER_BYTES = Entry.HEADER_BYTES + Long.BYTES;

  private final Environment environment;
  private final @Nullable Duration holdOff;
  private final @Nullable Duration fenceTime;
  private final @Nullable ToLongFunction<? super V> version;

  /** The longest time for which this cache keeps anything from being stored. */
  private final Duration longest;

  public Barriers(
      Environment environment,
      Duration ttl,
      @Nullable Duration holdOff,
      @Nullable Duration fenceTime,
      @Nullable ToLongFunction<? super V> version) {
    this.environment = environment;
    this.holdOff = holdOff;
    this.fenceTime = fenceTime;
    this.version = version;
    this.longest = longer(holdOff, longer(fenceTime, ttl));
  }

  private boolean areUsed() {
    return holdOff != null || fenceTime != null;
  }

  public boolean hasFences() {
    return fenceTime != null;
  }

  /** Returns whether an entry may have ended a hold-off whose time is not over: by its version. */
  public boolean mayHaveEndedOne(Snapshot snapshot) {
    return version != null
        && holdOff != null
        && snapshot.entry().is(Entry.Kind.VALUE)
        && snapshot.age().compareTo(holdOff) < 0;
  }

  public long versionOf(V value) {
    return version == null ? Long.MIN_VALUE : version.applyAsLong(value);
  }

  public void checkFenced() {
    if (fenceTime == null) {
      throw new IllegalStateException("a fence needs fenceTime: set it when building the cache");
    }
  }

  public void checkVersioned() {
    if (version == null || holdOff == null) {
      throw new IllegalStateException(
          "a minimum version needs holdOff and version: set both when building the cache");
    }
  }

  /**
   * A fence that is up.
   *
   * @param id of its barrier
   * @param untilNanos until when, on this process's clock, what it replaced would have lasted
   */
  record Up(EntryId id, long untilNanos) {}

  // ---- Taking away ----------------------------------------------------------------------------

  /** Removes what a key holds; leaves a hold-off if the cache has one. */
  CompletionStage<Boolean> remove(Store store, EntryKey<K> key) {
    return areUsed() ? remove(store, key, OptionalLong.empty(), null) : store.remove(key.text());
  }

  /**
   * Removes what a key holds; leaves a hold-off if the cache has one.
   *
   * @param minVersion from which version on values may pass the hold-off
   * @param mine the fence that ends with this
   */
  CompletionStage<Boolean> remove(
      Store store, EntryKey<K> key, OptionalLong minVersion, @Nullable Up mine) {
    return attempt(
        store,
        key,
        (entry, remaining) -> removed(store, key, minVersion, mine, entry, remaining),
        0);
  }

  private CompletionStage<Boolean> removed(
      Store store,
      EntryKey<K> key,
      OptionalLong minVersion,
      @Nullable Up mine,
      Entry entry,
      @Nullable Duration remaining) {
    boolean foreignBarrier =
        entry.is(Entry.Kind.BARRIER) && (mine == null || !entry.id().equals(mine.id()));
    Duration wanted = longer(holdOff, leftOf(mine));
    if (!foreignBarrier) {
      return wanted.isZero()
          ? takeAway(store, key, entry)
          : removedBehind(
              replace(store, key, entry, wanted, minVersion, EntryId.next(environment)),
              store,
              key,
              entry);
    }
    OptionalLong both = stricter(entry.minVersion(), minVersion);
    Duration left = leftOf(entry, remaining);
    if (left.equals(remaining) && left.compareTo(wanted) >= 0 && both.equals(entry.minVersion())) {
      return CompletableFuture.completedFuture(true);
    }
    return replace(store, key, entry, longer(left, wanted), both, EntryId.next(environment));
  }

  /**
   * Removes an entry whose barrier the store has refused, and fails nevertheless: the entry must
   * not be read any more, and the invalidation is not complete without the barrier. A fence that
   * was to be replaced stays, because it is a barrier itself.
   */
  private static <K> CompletionStage<Boolean> removedBehind(
      CompletionStage<Boolean> barrier, Store store, EntryKey<K> key, Entry entry) {
    return barrier.exceptionallyCompose(
        failure -> {
          CompletionStage<Boolean> failed = CompletableFuture.failedFuture(failure);
          return isRefusal(failure) && !entry.is(Entry.Kind.BARRIER)
              ? takeAway(store, key, entry).thenCompose(removed -> failed)
              : failed;
        });
  }

  private static boolean isRefusal(Throwable failure) {
    return Stages.unwrap(failure) instanceof StoreException known
        && known.reason() == StoreException.Reason.REFUSED;
  }

  private Duration leftOf(@Nullable Up fence) {
    long left = fence == null ? 0 : fence.untilNanos() - environment.nanoTime();
    return Duration.ofNanos(Math.max(0, left));
  }

  private static Duration longer(@Nullable Duration one, Duration other) {
    return one == null || one.compareTo(other) < 0 ? other : one;
  }

  /** A barrier that lets nothing pass is stricter than one that lets new versions pass. */
  private static OptionalLong stricter(OptionalLong one, OptionalLong other) {
    return one.isEmpty() || other.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(one.getAsLong(), other.getAsLong()));
  }

  private static <K> CompletionStage<Boolean> takeAway(Store store, EntryKey<K> key, Entry entry) {
    return switch (entry.kind()) {
      case NONE -> CompletableFuture.completedFuture(true);
      case FOREIGN -> store.remove(key.text());
      default -> store.remove(key.text(), entry.stamp());
    };
  }

  // ---- Putting up -----------------------------------------------------------------------------

  /** Puts up a fence, whatever the key holds. */
  CompletionStage<Up> fence(Store store, EntryKey<K> key) {
    EntryId id = EntryId.next(environment);
    long[] untilNanos = {environment.nanoTime()};
    return attempt(
            store,
            key,
            (entry, remaining) -> {
              Duration left =
                  entry.is(Entry.Kind.BARRIER) ? leftOf(entry, remaining) : Duration.ZERO;
              untilNanos[0] = environment.nanoTime() + left.toNanos();
              return replace(store, key, entry, longer(fenceTime, left), OptionalLong.empty(), id);
            },
            0)
        .thenApply(up -> new Up(id, untilNanos[0]));
  }

  private static <K> CompletionStage<Boolean> replace(
      Store store,
      EntryKey<K> key,
      Entry entry,
      Duration ttl,
      OptionalLong minVersion,
      EntryId id) {
    Duration whole = atLeastOneMilli(ttl);
    byte[] barrier = Entry.barrier(key, id, whole, minVersion);
    return switch (entry.kind()) {
      case NONE -> store.swapEvenIfFull(key.text(), null, barrier, whole);
      case FOREIGN -> store.remove(key.text()).thenApply(removed -> false);
      default -> store.swapEvenIfFull(key.text(), entry.stamp(), barrier, whole);
    };
  }

  // ---- Ending ---------------------------------------------------------------------------------

  /**
   * Gives a barrier or a pass that was read the time that it may have, if it has a longer one or
   * none: an operator may have taken its expiry away, and loads would not be stored until the next
   * invalidation.
   */
  public CompletionStage<Boolean> limit(Store store, EntryKey<K> key, Snapshot snapshot) {
    Entry entry = snapshot.entry();
    if (leftOf(entry, snapshot.remaining()).equals(snapshot.remaining())) {
      return CompletableFuture.completedFuture(false);
    }
    return store
        .readTimed(key.text(), Entry.STAMP_BYTES)
        .thenCompose(
            now -> {
              if (now == null || !Arrays.equals(now.bytes(), entry.stamp())) {
                return CompletableFuture.completedFuture(false);
              }
              Duration left = leftOf(entry, now.remaining());
              return left.equals(now.remaining())
                  ? CompletableFuture.completedFuture(false)
                  : store.swapHead(key.text(), entry.stamp(), entry.head(), atLeastOneMilli(left));
            });
  }

  /**
   * Returns for how long a barrier or a pass may go on: no longer than it was written for, nor than
   * this cache keeps anything from being stored.
   *
   * @param remaining what the store says; null if it would never end
   */
  private Duration leftOf(Entry entry, @Nullable Duration remaining) {
    Duration most = entry.ttl().compareTo(longest) < 0 ? entry.ttl() : longest;
    return remaining == null || remaining.compareTo(most) > 0 ? most : remaining;
  }

  private static Duration atLeastOneMilli(Duration ttl) {
    return Duration.ofMillis(Math.max(1, ttl.toMillis()));
  }

  // ---- Repeating ------------------------------------------------------------------------------

  /** What to do about what a key holds; false if it no longer holds that. */
  private interface Attempt {
    CompletionStage<Boolean> on(Entry entry, @Nullable Duration remaining);
  }

  private CompletionStage<Boolean> attempt(
      Store store, EntryKey<K> key, Attempt attempt, int tries) {
    return store
        .readTimed(key.text(), BARRIER_BYTES)
        .thenCompose(state -> on(attempt, key, state))
        .thenCompose(
            done -> {
              if (done) {
                return CompletableFuture.completedFuture(true);
              }
              return tries < MAX_TRIES
                  ? attempt(store, key, attempt, tries + 1)
                  : CompletableFuture.failedFuture(
                      new StoreException(
                          StoreException.Reason.TIMED_OUT,
                          "others change the entry all the time",
                          null));
            });
  }

  private static CompletionStage<Boolean> on(
      Attempt attempt, EntryKey<?> key, @Nullable TimedState state) {
    Entry entry = Entry.parse(key, state == null ? null : state.bytes(), 0);
    return attempt.on(entry, state == null ? null : state.remaining());
  }
}
