package io.cacheaside;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.CodecException;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A cache beside a source of truth: a read returns the cached value, or loads it from the source
 * and caches it; after a write to the source the key is invalidated.
 *
 * <pre>{@code
 * Map<String, String> database = new ConcurrentHashMap<>(Map.of("42", "Ada"));
 * CacheAside<String, String> users = CacheAside.builder("users", Codec.string()).build();
 *
 * String name = users.get("42", database::get); // a hit, or one load that is then cached
 * database.put("42", "Ada Lovelace");
 * users.invalidate("42");                       // from here on nobody gets the old value
 * }</pre>
 *
 * <p><b>What it guarantees</b>, for any number of threads and processes on one store. <i>W</i> is a
 * write to the source that is committed before {@code invalidate} is called.
 *
 * <ul>
 *   <li><b>No stale value after an invalidation (G1).</b> After {@link #invalidate} returned
 *       normally, every {@code get} of that key that starts later, in any process, reflects
 *       <i>W</i>: also when a load was under way, was joined by others, lost its lease or was slow.
 *       (With a {@linkplain CacheAsideBuilder#nearCache near cache}, in other processes within its
 *       {@code maxStaleness}.)
 *   <li><b>One load (G3).</b> However many callers miss a key, the source is read once; the others
 *       share the value or the failure. (Once in each process, while the store is down.)
 *   <li><b>Nothing hangs (G4).</b> Every store operation, and every wait for somebody else, has a
 *       deadline; every entry has a time to live.
 *   <li><b>Fail open (G5).</b> A store that is down, slow, full or talks nonsense never breaks a
 *       read: the source is read instead. An invalidation that fails is never silent: it throws, or
 *       is {@linkplain CacheAsideBuilder#invalidationFailures queued}, counted and logged.
 *   <li><b>Stale only on request (G6).</b> A value past its time to live is returned only within
 *       {@code staleWhileRevalidate} or {@code staleIfError}, and never after an invalidation.
 *   <li><b>Absent is not null (G7).</b> "The source has nothing" can be cached, with its own time
 *       to live, and is told apart from "not cached".
 *   <li><b>Exact or a miss (G8).</b> A read returns exactly what was written for that cache and
 *       key, or it is a counted miss.
 *   <li><b>Bounded (G9).</b> Key and payload sizes, loads under way and in waiting, and unconfirmed
 *       invalidations have limits with defaults.
 *   <li><b>Replica lag (G10, opt-in).</b> After an invalidation of a key, loads are served but not
 *       cached for the {@linkplain CacheAsideBuilder#holdOff hold-off}.
 * </ul>
 *
 * <p><b>Threads.</b> Thread-safe. Methods block until they have an answer; a {@link Loader} runs on
 * the calling thread, or on the {@linkplain CacheAsideBuilder#loaderExecutor loader executor}. An
 * interrupted caller stops waiting with a {@link WaitInterruptedException} and its interrupt flag
 * set. {@link #async()} is the same cache with futures.
 *
 * <p><b>Nullness.</b> Keys, values, loaders and options are never null; a loader returns null to
 * say that the source has nothing, and so does {@code get}.
 *
 * <p><b>Errors.</b> Every method throws {@link NullPointerException} for a null argument, {@link
 * IllegalArgumentException} for a key that is empty, longer than the key limit or not well-formed
 * text, and {@link IllegalStateException} after {@link #close()} (but for {@code name}, {@code
 * stats}, {@code health}, {@code async} and {@code close}).
 *
 * @param <K> the keys; immutable, with {@code equals} and {@code hashCode}
 * @param <V> the values; treat them as immutable
 */
public interface CacheAside<K, V> extends AutoCloseable {

  /**
   * Returns a builder for a cache with text keys.
   *
   * @param name names the cache in the store, in metrics and in messages; not empty
   * @param codec how values become bytes
   */
  static <V> CacheAsideBuilder<String, V> builder(String name, Codec<V> codec) {
    return builder(name, KeyCodec.string(), codec);
  }

  /**
   * Returns a builder for a cache.
   *
   * @param name names the cache in the store, in metrics and in messages; not empty
   * @param keys how keys become text, injectively
   * @param codec how values become bytes
   */
  static <K, V> CacheAsideBuilder<K, V> builder(String name, KeyCodec<K> keys, Codec<V> codec) {
    return new CacheAsideBuilder<>(name, keys, codec);
  }

  /**
   * Returns a builder for a cache with keys of a type whose text is known, as {@link KeyCodec#of}
   * says: whole numbers, UUIDs, times, enum constants, and records of these.
   *
   * @param name names the cache in the store, in metrics and in messages; not empty
   * @param keys the type of the keys
   * @param codec how values become bytes
   * @throws IllegalArgumentException if keys of this type need a {@link KeyCodec}, with the reason
   */
  static <K, V> CacheAsideBuilder<K, V> builder(String name, Class<K> keys, Codec<V> codec) {
    return builder(name, KeyCodec.of(keys), codec);
  }

  /**
   * Returns a builder for a cache whose key codec is a lambda: {@code builder("prices",
   * PriceKey.class, key -> key.country() + ':' + key.product(), codec)}. The class only tells the
   * compiler the type of {@code key}.
   *
   * @param name names the cache in the store, in metrics and in messages; not empty
   * @param type the type of the keys
   * @param keys how keys become text, injectively
   * @param codec how values become bytes
   */
  static <K, V> CacheAsideBuilder<K, V> builder(
      String name, Class<K> type, KeyCodec<K> keys, Codec<V> codec) {
    Objects.requireNonNull(type, "type");
    return builder(name, keys, codec);
  }

  /** Returns a cache named {@code default} with text keys and default settings on a store. */
  static <V> CacheAside<String, V> over(Store store, Codec<V> codec) {
    return builder("default", codec).store(store).build();
  }

  /** Returns the name of this cache. */
  String name();

  /**
   * Returns the value of a key from the cache, or else loads it and caches it.
   *
   * <p>Of all callers that miss a key at the same time, in all processes, one runs its loader; the
   * others wait for it: each no longer than about twice the load timeout. A loader that asks this
   * cache for its own key on the same thread gets an {@link IllegalStateException}.
   *
   * <p>Callers may get the same object. If they change values, set a {@link
   * CacheAsideBuilder#copier}.
   *
   * @return the value; null if the source has nothing under that key
   * @throws LoadException if this caller's loader threw a checked exception, or the load of another
   *     caller that this one shared failed; unchecked exceptions of this caller's loader come
   *     unchanged
   * @throws SharedLoadException if the load of another process that this caller waited for failed,
   *     or failed loads are {@linkplain CacheAsideBuilder#failureBackoff held back}
   * @throws LoadRejectedException if too many loads are running and waiting
   * @throws LoadTimeoutException if this caller's load, on a loader executor, took longer than the
   *     load timeout, or those of other callers did again and again
   * @throws java.util.concurrent.RejectedExecutionException if the loader executor did not take the
   *     load
   * @throws IllegalStateException also if the cache was closed while the caller waited
   * @throws WaitInterruptedException if the thread was interrupted while it waited. Instead of each
   *     of the others a stale value or the {@linkplain CacheAsideBuilder#fallback fallback} may be
   *     returned, where there is one
   */
  @Nullable V get(K key, Loader<? super K, ? extends V> loader);

  /** Does what {@link #get(Object, Loader)} does, with options for this one read. */
  @Nullable V get(K key, ReadOptions options, Loader<? super K, ? extends V> loader);

  /**
   * Does what {@link #get(Object, Loader)} does, with another time to live for what it loads; an
   * entry that is found keeps its own.
   *
   * @param ttl as {@link ReadOptions#ttl(Duration)} takes it
   */
  @Nullable V get(K key, Duration ttl, Loader<? super K, ? extends V> loader);

  /**
   * Does what {@link #get(Object, Loader)} does, with a loader that is told about its load and may
   * decide about its result.
   */
  @Nullable V getWithContext(K key, ContextLoader<? super K, V> loader);

  /**
   * Does what {@link #getWithContext(Object, ContextLoader)} does, with options for this one read.
   */
  @Nullable V getWithContext(K key, ReadOptions options, ContextLoader<? super K, V> loader);

  /**
   * Does what {@link #get(Object, Loader)} does, with a loader that returns an {@link Optional}.
   *
   * @return the value; empty if the source has nothing under that key
   */
  Optional<V> find(K key, OptionalLoader<? super K, ? extends V> loader);

  /** Does what {@link #find(Object, OptionalLoader)} does, with options for this one read. */
  Optional<V> find(K key, ReadOptions options, OptionalLoader<? super K, ? extends V> loader);

  /**
   * Returns the cached value of a key. Never loads, and waits for nobody who does. Counts as a hit
   * or a miss, and takes near values, as {@code get} does; a store that fails is a miss. A stale
   * value is returned within {@link CacheAsideBuilder#staleWhileRevalidate}, and not refreshed.
   *
   * @return the value; null if it is not cached, or its absence is. {@link #lookup} tells these
   *     apart
   */
  @Nullable V getIfPresent(K key);

  /**
   * Returns the cached values of several keys, each as {@link #getIfPresent} does, read together.
   *
   * @return the values that are cached, in the order of {@code keys}; unmodifiable
   */
  Map<K, V> getAllPresent(Collection<? extends K> keys);

  /**
   * Returns the values of several keys, reading those that are cached together and loading those
   * that are missing with one call. More than 10,000 keys are read and loaded in parts of 10,000,
   * with one call for each part. An interrupt ends the reading before the next 500 keys.
   *
   * <p>Each key is loaded under its own lease: keys that others load at the moment are waited for
   * instead of loaded again (and are loaded in a further call if that load comes to nothing). For
   * each key whose load fails a stale value or the {@linkplain CacheAsideBuilder#fallback fallback}
   * stands in, as for a single read.
   *
   * @return the values that the source has, in the order of {@code keys}; unmodifiable
   * @throws BulkLoadException if some keys could not be loaded; carries the others
   * @throws WaitInterruptedException if the thread was interrupted while it waited
   */
  Map<K, V> getAll(Collection<? extends K> keys, BulkLoader<K, V> loader);

  /** Does what {@link #getAll(Collection, BulkLoader)} does, with options for this one call. */
  Map<K, V> getAll(Collection<? extends K> keys, ReadOptions options, BulkLoader<K, V> loader);

  /** Returns what the cache holds under a key. Never loads; a store that fails holds nothing. */
  Lookup<V> lookup(K key);

  /**
   * Returns in words what the cache holds under a key and what a read would do, for people who
   * wonder. The wording may change.
   */
  String explain(K key);

  /**
   * Stores a value; the caller vouches that it is current.
   *
   * <p>Prefer {@link #invalidate}: two writers that put after their commits can do so in the wrong
   * order, and no cache can tell. A load under way loses its right to store. Behind a {@linkplain
   * CacheAsideBuilder#holdOff hold-off} or a {@linkplain #fence fence} nothing is stored, nor if
   * another operation removes the key while this one is under way. Takes two round trips.
   *
   * @throws StoreException if the store failed; after an {@linkplain
   *     StoreException#isOutcomeUnknown() unclear} failure the value may have been stored, or may
   *     be stored later. A value that arrives after a later invalidation is refused
   * @throws CodecException if the value is too large or cannot be encoded; nothing is changed, and
   *     neither is it if {@link CacheAsideBuilder#ttlFunction} throws
   */
  void put(K key, V value);

  /**
   * Stores a value as {@link #put(Object, Object)} does, with its own time to live.
   *
   * @param ttl from 1 ms to {@link Store#MAX_TTL}; {@linkplain CacheAsideBuilder#ttlJitter jitter}
   *     shortens it
   */
  void put(K key, V value, Duration ttl);

  /**
   * Stores several values together, as {@link #put(Object, Object)} does each.
   *
   * @throws StoreException the first of the failures; the other values are stored all the same
   * @throws CodecException likewise
   */
  void putAll(Map<? extends K, ? extends V> values);

  /**
   * Stores a value as {@link #put(Object, Object)} does, unless a value or an absence is cached. A
   * value past its time to live does not count. A load under way loses its right to store.
   *
   * @return whether the value was stored; false also if a {@linkplain CacheAsideBuilder#holdOff
   *     hold-off} or a {@linkplain #fence fence} kept it from being stored
   * @throws StoreException as {@link #put(Object, Object)} does
   * @throws CodecException as {@link #put(Object, Object)} does
   */
  boolean putIfAbsent(K key, V value);

  /**
   * Stores that the source has nothing under a key, for the {@link CacheAsideBuilder#absentTtl};
   * the caller vouches for that. Otherwise as {@link #put(Object, Object)}.
   *
   * @throws IllegalStateException if the cache was built without {@code absentTtl}
   * @throws StoreException as {@link #put(Object, Object)} does
   */
  void putAbsence(K key);

  /**
   * Replaces a cached value by what {@code change} makes of it, atomically, if it is cached.
   *
   * <p>It never brings back an entry that was invalidated meanwhile, and the entry keeps its
   * remaining time to live. A load under way is denied to store its result, which may be older than
   * the change. {@code change} may be called several times; it must not return null. What it throws
   * comes out, and so does a {@link CodecException} for its result; the entry stays then. A value
   * that others change again and again for the whole {@linkplain CacheAsideBuilder#loadTimeout load
   * timeout} is removed instead.
   *
   * @return whether a cached value was replaced
   * @throws StoreException if the store failed; the entry has then been removed, or this instance
   *     reads the key around the cache until it could be
   * @throws WaitInterruptedException if the thread was interrupted while it waited; this instance
   *     reads the key around the cache until its entry has been removed
   */
  boolean update(K key, UnaryOperator<V> change);

  /**
   * Writes to the source and then invalidates the key, whether the write succeeded or not (a failed
   * write may have been committed). With a {@linkplain CacheAsideBuilder#fenceTime fence time}
   * there is a {@linkplain #fence fence} around both, unless the store fails before the write.
   *
   * @return what the write returned
   * @throws X what the write threw; a failure of the invalidation that followed is suppressed in it
   * @throws InvalidationFailedException if the write is committed and the invalidation failed, or
   *     the thread was interrupted while it waited for that; carries the result of the write
   * @throws WaitInterruptedException if the thread was interrupted while the fence was put up:
   *     nothing was written, and the fence may stay for the fence time
   */
  <R extends @Nullable Object, X extends Exception> R writeThenInvalidate(
      K key, SourceWrite<R, X> write) throws X;

  /**
   * Does what {@link #writeThenInvalidate(Object, SourceWrite)} does, with a write that returns
   * nothing. {@link Invalidations#after} invalidates more than one key after a write.
   *
   * @throws X what the write threw; a failure of the invalidation that followed is suppressed in it
   */
  default <X extends Exception> void writeThenInvalidate(K key, VoidSourceWrite<X> write) throws X {
    Objects.requireNonNull(write, "write");
    writeThenInvalidate(key, SourceWrite.of(write));
  }

  /**
   * Does what {@link #writeThenInvalidate(Object, SourceWrite)} does, with a write that returns
   * nothing and throws nothing checked. Kotlin, and javac for a reference to an overloaded method,
   * cannot choose between the other two.
   */
  default void runThenInvalidate(K key, Runnable write) {
    Objects.requireNonNull(write, "write");
    writeThenInvalidate(key, (VoidSourceWrite<RuntimeException>) write::run);
  }

  /** Returns whether this cache was built with a {@link CacheAsideBuilder#fenceTime}. */
  boolean isFenced();

  /**
   * Puts up a fence around a write to the source whose commit happens elsewhere, such as at the end
   * of a transaction. Call it before the commit. If the store fails, which is counted and told to
   * the listener, there is no fence, and the write need not wait for one.
   *
   * @throws IllegalStateException if the cache was built without {@link
   *     CacheAsideBuilder#fenceTime}
   * @throws WaitInterruptedException if the thread was interrupted while the fence was put up; it
   *     may stay for the fence time
   */
  WriteFence fence(K key);

  /**
   * Makes sure that no later read returns a value from before this call (G1). With a {@linkplain
   * CacheAsideBuilder#nearCache near cache}, other processes may read it for up to {@code
   * maxStaleness} more.
   *
   * <p>Call it after the commit. A value, a cached absence and the authority of every load under
   * way, here or in another process, end in that instant.
   *
   * @throws InvalidationFailedException if the store did not confirm it, after the tries that the
   *     {@linkplain CacheAsideBuilder#invalidationRetry retry policy} allows. From then on this
   *     instance reads the key around the cache, and repeats the invalidation until it succeeds.
   *     With {@link InvalidationFailures#QUEUE} it does so without throwing, here and in all other
   *     methods that invalidate; {@link #invalidateMatching} then returns 0
   * @throws WaitInterruptedException if the thread was interrupted while it waited, with the same
   *     state afterwards
   */
  void invalidate(K key);

  /**
   * Invalidates a key, and lets loads be cached again as soon as one returns a version that is not
   * less; at the latest when the {@linkplain CacheAsideBuilder#holdOff hold-off} is over.
   *
   * @param minVersion the version that was written
   * @throws IllegalStateException if the cache was built without {@code holdOff} or {@code version}
   * @throws InvalidationFailedException as {@link #invalidate(Object)} does
   */
  void invalidate(K key, long minVersion);

  /**
   * Invalidates several keys together.
   *
   * @throws InvalidationFailedException if the store did not confirm all of them; those that it did
   *     confirm are invalidated
   */
  void invalidateAll(Collection<? extends K> keys);

  /**
   * Invalidates several keys together, as {@link #invalidateAll(Collection)} does.
   *
   * @param others none is no fault
   */
  @SuppressWarnings("unchecked") // nothing is stored in the array
  default void invalidateAll(K key, K... others) {
    List<K> keys = new ArrayList<>(others.length + 1);
    keys.add(key);
    keys.addAll(Arrays.asList(others));
    invalidateAll(keys);
  }

  /**
   * Invalidates every key whose text matches a glob pattern: {@code *}, {@code ?}, {@code [abc]},
   * {@code [^a]}, {@code [a-z]}, {@code \} to escape, on the UTF-8 bytes of the text.
   *
   * <p>Walks through the whole store in small steps: for administration, not for every request.
   *
   * @return how many entries were removed, loads under way included
   * @throws InvalidationFailedException if the store could not confirm that all are gone
   */
  long invalidateMatching(String glob);

  /**
   * Invalidates every entry with a tag, at once and however many they are: no later read returns a
   * value from before this call (G1). The memory is free when their time to live is over.
   *
   * @throws IllegalArgumentException if the tag is empty, longer than 256 characters or not
   *     well-formed text
   * @throws IllegalStateException if the cache was built without tags
   * @throws InvalidationFailedException if the store did not confirm it; from then on this instance
   *     reads around the whole cache, and repeats the invalidation until it succeeds
   */
  void invalidateTag(String tag);

  /**
   * Invalidates every key of this cache: at once with {@link CacheAsideBuilder#instantClear}, else
   * as {@link #invalidateMatching} does with {@code *}.
   *
   * @throws InvalidationFailedException as {@link #invalidateTag} does
   */
  void clear();

  /**
   * Declares a cached value to be too old, softly: it may still be returned where stale values are
   * allowed, and is loaded anew. A load under way loses its right to store. Where no stale values
   * are allowed, the next read loads.
   *
   * <p>This is no invalidation: use {@link #invalidate} where nobody must get the old value.
   *
   * @return whether there was a value
   * @throws StoreException as {@link #setTtl} does
   */
  boolean markStale(K key);

  /**
   * Returns how long a cached value will be fresh; empty if there is none, or a stale one, or the
   * store fails.
   */
  Optional<Duration> remainingTtl(K key);

  /**
   * Gives a cached value another time to live, from now on. A stale one is fresh again.
   *
   * @return whether there was a value; never touches a load under way or a cached absence
   * @param ttl from 1 ms to {@link Store#MAX_TTL}
   * @throws StoreException if the store failed, or others changed the entry for the whole load
   *     timeout
   */
  boolean setTtl(K key, Duration ttl);

  /**
   * Gives a cached value its own time to live again, from now on. A stale one stays as it is,
   * unlike with {@link #setTtl}.
   *
   * @return whether there was a fresh value; false for a stale one
   * @throws StoreException as {@link #setTtl} does
   */
  boolean touch(K key);

  /** Returns the counts since this cache was built. */
  CacheStats stats();

  /**
   * Asks the store for a sign of life and returns the state of the cache. Never throws for the
   * store.
   */
  CacheHealth health();

  /** Returns the asynchronous face of this cache: the same entries, loads and counts. */
  AsyncCacheAside<K, V> async();

  /**
   * Closes this cache: waits for its loads under way and for a last try of invalidations that are
   * not confirmed, at most for the close timeout, then fails those who still wait. Idempotent.
   * Leaves the store open.
   *
   * @throws WaitInterruptedException if the thread was interrupted while it waited; the cache is
   *     closed all the same
   */
  @Override
  void close();
}
