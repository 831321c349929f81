package io.cacheaside.store;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A keyed store of byte states with expiry and one conditional primitive, {@linkplain #swap swap}.
 *
 * <p>A <em>state</em> is an opaque array of bytes. Its first bytes, the <em>stamp</em>, are unique
 * to that one state; a conditional operation names the stamp it expects and takes effect only if
 * the stored state begins with it. That comparison and the effect are one atomic step, in the order
 * in which the store (for a server: its primary) executes them. Everything else, from leases to
 * negative caching, is built on top and is the same for every store.
 *
 * <p><b>Threads.</b> Thread-safe. No method blocks. A returned stage may complete on any thread,
 * also on the calling one before the method returns; callers must not run lengthy or foreign code
 * in a dependent action without moving it to a thread of their own.
 *
 * <p><b>Time.</b> Every stage completes within the store's own deadline. Times to live are positive
 * and have millisecond resolution; a store may drop a state early (eviction, restart), never keep
 * it longer.
 *
 * <p><b>Order.</b> Operations on one key issued one after the other by one thread take effect in
 * that order unless one of them fails.
 *
 * <p><b>Failures.</b> A stage fails with a {@link StoreException} itself and nothing else. A time
 * to live below one millisecond or above {@link #MAX_TTL} is an {@link IllegalArgumentException} of
 * the method. After {@link StoreException#isOutcomeUnknown() an unclear one} the operation may take
 * effect now, later or never. A key that holds something which is not a state (on Redis: a key of
 * another type) reads as an empty array and matches no stamp; {@link #put} and {@link #remove} get
 * rid of it.
 *
 * <p>Arrays are handed over: neither side changes them afterwards.
 */
public interface Store extends AutoCloseable {

  /** The longest time to live a store has to accept: about 8,900 years. */
  Duration MAX_TTL = Duration.ofMillis((1L << 48) - 1);

  /**
   * Says how long the states of a caller are at most. A store to which others can write may return
   * an empty array for a longer state, as for a key that holds something else. It does not read
   * such a state as a whole: one key must not take the memory of a process, or the time of all
   * others.
   *
   * <p>Of several callers the largest number counts. Without any there is no limit. The default
   * ignores it.
   *
   * @param maxBytes the length of the longest state; positive
   */
  default void acceptStatesUpTo(int maxBytes) {}

  /**
   * Reads the state of a key from the primary copy. If the state is empty, the answer may be null;
   * {@link #putIfAbsent} is exact.
   *
   * @return the state, or null if there is none
   */
  CompletionStage<byte @Nullable []> read(String key);

  /**
   * Reads the first bytes of a state together with its remaining time to live.
   *
   * <p>The remaining time is that of the state or, if the key is written at the same moment, of one
   * before it; zero if nothing was there before. So a state whose age is judged by the time it has
   * left may look older than it is, never younger. A state that goes at that moment may be seen as
   * an empty one.
   *
   * @param maxBytes how many bytes are wanted; positive. With {@code Integer.MAX_VALUE} an empty
   *     state may be null, as for {@link #read}
   */
  CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes);

  /**
   * Stores a state where there is none.
   *
   * @return null if it was stored; otherwise the state that is there
   */
  CompletionStage<byte @Nullable []> putIfAbsent(String key, byte[] state, Duration ttl);

  /** Stores a state whatever was there. */
  CompletionStage<@Nullable Void> put(String key, byte[] state, Duration ttl);

  /**
   * Replaces the state that begins with {@code stamp}.
   *
   * <p>Not idempotent: an attempt repeated after an unclear failure finds its own new stamp.
   *
   * @param ttl the new time to live; null keeps what remains of the old one
   * @return whether it was replaced
   */
  CompletionStage<Boolean> swap(String key, byte[] stamp, byte[] state, @Nullable Duration ttl);

  /**
   * Replaces the state that begins with {@code stamp}, or stores one where there is none, also if
   * the store is out of memory. It is meant for small states with a short time to live without
   * which an invalidation would not be complete.
   *
   * <p>The default does not differ from {@link #swap} and {@link #putIfAbsent}. A store that
   * refuses writes when it is full overrides it. It may still fail with {@link
   * StoreException.Reason#REFUSED}.
   *
   * @param stamp null if the key has to be empty
   * @return whether it was stored
   */
  default CompletionStage<Boolean> swapEvenIfFull(
      String key, byte @Nullable [] stamp, byte[] state, Duration ttl) {
    return stamp == null
        ? putIfAbsent(key, state, ttl).thenApply(there -> there == null)
        : swap(key, stamp, state, ttl);
  }

  /**
   * Overwrites the first {@code head.length} bytes of the state that begins with {@code stamp} and
   * keeps the rest, so that a header can change without the payload travelling.
   *
   * @param ttl the new time to live; null keeps what remains of the old one
   * @return whether it was changed
   */
  CompletionStage<Boolean> swapHead(String key, byte[] stamp, byte[] head, @Nullable Duration ttl);

  /**
   * Removes the state that begins with {@code stamp}.
   *
   * @return whether it was removed
   */
  CompletionStage<Boolean> remove(String key, byte[] stamp);

  /**
   * Removes whatever is there. Has to work for a store that is out of memory.
   *
   * @return whether there was anything
   */
  CompletionStage<Boolean> remove(String key);

  /**
   * Removes every key that begins with {@code prefix}, taken literally, and whose rest matches a
   * glob pattern ({@code *}, {@code ?}, {@code [a-c]}, {@code [^a]}, {@code \} to escape; on the
   * UTF-8 bytes of the key, as in Redis' {@code KEYS}).
   *
   * <p>Every matching key that was there from the call to the completion of the stage is removed,
   * even if its state changed meanwhile. Works through the keys in small steps that leave the store
   * responsive, so it may take longer than the deadline of the other operations. Fails if it cannot
   * be sure of completeness; removing again is always safe.
   *
   * @return how many keys were removed
   */
  CompletionStage<Long> removeMatching(String prefix, String glob);

  /**
   * Runs {@code operations}, which may call this store on the current thread, and sends what they
   * ask for together where that is cheaper. It makes nothing atomic.
   */
  default void batch(Runnable operations) {
    operations.run();
  }

  /**
   * Completes when what was done to these keys has reached as many further copies (on Redis:
   * replicas) as this store is configured to wait for. That is about operations which were answered
   * before this call; it says nothing about later ones. So what a copy has acknowledged is not lost
   * when the primary copy is, if that copy takes its place.
   *
   * <p>Fails with {@link StoreException.Reason#REFUSED} if fewer copies acknowledged in time, or if
   * the copies are those of another primary than the one that answered the operations; with the
   * other reasons as every operation does. Nothing is undone by a failure. Who needs the copies has
   * to repeat the operations before calling this again, since the primary may be another by now,
   * which never had them.
   *
   * <p>Takes no part in a {@linkplain #batch batch}: what is not answered yet is not waited for.
   * May take longer than the deadline of the other operations. The default has no further copies to
   * wait for and completes at once.
   *
   * @param keys the keys; an empty list stands for all there are
   */
  default CompletionStage<@Nullable Void> awaitCopies(List<String> keys) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Returns the name of the node that has a key at the moment, as far as this store knows. Keys on
   * other nodes are expected to work while that one fails. A failure of one node carries
   * {@linkplain StoreException#node its name}. Does not block; it is called for every operation
   * while a node fails.
   *
   * @return null if all keys are on one node, which is what the default says
   */
  default @Nullable String nodeOf(String key) {
    return null;
  }

  /**
   * Makes one round trip to a node. For a node that the store no longer has, the stage completes at
   * once. The default does what {@link #ping()} does.
   */
  default CompletionStage<@Nullable Void> ping(String node) {
    return ping();
  }

  /**
   * Begins to tell a listener of changes: before the stage of an operation of this instance that
   * may have changed a key completes, however it does, and of changes made elsewhere as soon as
   * this store hears of them. It hears of those of keys that were {@linkplain #readWatched
   * watched}, once for each read, and may hear of others.
   *
   * @param maxLag within which {@linkplain ChangeFeed#isComplete completeness} is asked for; zero
   *     if it is not
   * @return whether this store can; the default cannot
   */
  default boolean watch(ChangeListener listener, Duration maxLag) {
    return false;
  }

  /** Stops to tell a listener. */
  default void unwatch(ChangeListener listener) {}

  /**
   * Reads a state with its remaining time, and lets listeners hear of the next change of the key,
   * wherever it is made. Who notes what listeners are told from before this call on learns of every
   * change that the state does not contain.
   *
   * <p>The default reads without watching.
   *
   * @return the state, or null if there is none
   */
  default CompletionStage<@Nullable WatchedState> readWatched(String key) {
    return readTimed(key, Integer.MAX_VALUE)
        .thenApply(
            state ->
                state == null ? null : new WatchedState(state.bytes(), state.remaining(), null));
  }

  /** Makes one round trip to the primary copy; completes normally if it answered. */
  CompletionStage<@Nullable Void> ping();

  /**
   * Releases what the store holds. Idempotent; may block for a short, bounded time. Operations
   * under way or issued later fail.
   */
  @Override
  void close();
}
