package io.cacheaside;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.config.Configuration;
import io.cacheaside.internal.Engine;
import io.cacheaside.internal.LoadingSyncCache;
import io.cacheaside.internal.Settings;
import io.cacheaside.internal.SyncCache;
import io.cacheaside.internal.entry.Lifetimes;
import io.cacheaside.internal.entry.Printable;
import io.cacheaside.internal.events.Events;
import io.cacheaside.internal.load.BulkSource;
import io.cacheaside.internal.load.Source;
import io.cacheaside.internal.load.Sources;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a cache and builds it. Every setting has a default that can go to
 * production; a wrong one is refused at once with its name, its value and the fix. Not thread-safe.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class CacheAsideBuilder<K, V> {
  private final String name;
  private final KeyCodec<K> keyCodec;
  private final Codec<V> codec;
  private @Nullable Store store;
  private Duration ttl = Duration.ofSeconds(60);
  private @Nullable Duration absentTtl;
  private @Nullable BiFunction<? super K, ? super V, Duration> ttlFunction;
  private double ttlJitter = 0.1;
  private Duration staleWhileRevalidate = Duration.ZERO;
  private Duration staleIfError = Duration.ZERO;
  private @Nullable EarlyRefresh earlyRefresh;
  @Nullable NearCache nearCache;
  private @Nullable UnaryOperator<V> copier;
  private @Nullable Function<? super K, ? extends @Nullable V> fallback;
  @Nullable Duration failureBackoff;
  Duration longestFailureBackoff = Duration.ZERO;
  private Duration loadTimeout = Duration.ofSeconds(30);
  private @Nullable Duration softTimeout;
  private int maxConcurrentLoads = 256;
  private int maxQueuedLoads = 10_000;
  private Duration warmUp = Duration.ZERO;
  private Duration leaseTime = Duration.ofSeconds(3);
  private Duration closeTimeout = Duration.ofSeconds(5);
  private int maxPayloadBytes = 16 << 20;
  private int maxKeyBytes = 8 << 10;
  private int schemaVersion;
  private @Nullable Function<? super K, ? extends Collection<String>> tags;
  boolean loaderTags;
  boolean instantClear;
  private @Nullable Duration holdOff;
  private @Nullable ToLongFunction<? super V> version;
  private @Nullable Duration fenceTime;
  private int maxUnconfirmedInvalidations = 10_000;
  int breakerTimeouts = 10;
  Duration breakerPause = Duration.ofSeconds(1);
  RetryPolicy loadRetry = RetryPolicy.none();
  RetryPolicy invalidationRetry = RetryPolicy.of(3);
  private InvalidationFailures invalidationFailures = InvalidationFailures.THROW;
  private boolean redactKeys;
  private CacheListener<? super K> listener = Events.noListener();
  private Environment environment = Environment.system();
  private @Nullable Executor executor;
  private @Nullable Executor loaderExecutor;
  private @Nullable ContextPropagation contextPropagation;

  CacheAsideBuilder(String name, KeyCodec<K> keyCodec, Codec<V> codec) {
    this.name = Objects.requireNonNull(name, "name");
    this.keyCodec = Objects.requireNonNull(keyCodec, "keyCodec");
    this.codec = Objects.requireNonNull(codec, "codec");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "name is '" + name + "'; use a name with visible characters");
    }
  }

  /**
   * Sets where entries are kept. Default: a bounded {@link InMemoryStore} of this cache's own,
   * which protects the source within this process only.
   */
  public CacheAsideBuilder<K, V> store(Store store) {
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /**
   * Sets how long a loaded value is cached. Default: 60 s. Longer means fewer loads; where an
   * invalidation is forgotten, or lost with a server, it is also how long the old value stays.
   */
  public CacheAsideBuilder<K, V> ttl(Duration ttl) {
    this.ttl = Lifetimes.checked("ttl", ttl);
    return this;
  }

  /**
   * Sets a function of key and value that says how long a value is cached, instead of {@link #ttl}.
   * Default: none. It holds for everything that is loaded, refreshed or put; a time given with one
   * read, one put or by a loader goes before it. It must be quick and return a time that {@link
   * #ttl} accepts; a loaded value for which it does not, or throws, is not cached.
   */
  public CacheAsideBuilder<K, V> ttlFunction(
      BiFunction<? super K, ? super V, Duration> ttlFunction) {
    this.ttlFunction = Objects.requireNonNull(ttlFunction, "ttlFunction");
    return this;
  }

  /**
   * Sets how long after its time to live a value may still be returned at once, while it is loaded
   * anew in the background (RFC 5861). Default: zero, not at all. No reader waits then, and values
   * may be older by this much; never older than an {@link CacheAside#invalidate invalidation}.
   * Loaders run on the {@linkplain #loaderExecutor loader executor}, or else on the {@linkplain
   * #executor executor}. Loads that fail while there is such a value are held back as with {@link
   * #staleIfError}.
   */
  public CacheAsideBuilder<K, V> staleWhileRevalidate(Duration staleWhileRevalidate) {
    this.staleWhileRevalidate = notNegative("staleWhileRevalidate", staleWhileRevalidate);
    return this;
  }

  /**
   * Sets how long after its time to live a value may be returned if it cannot be loaded (RFC 5861).
   * Default: zero, not at all. It is kept by the store for that time. Loads that fail while there
   * is such a value are held back for 1 s, doubled with each failure up to 30 s, unless {@link
   * #failureBackoff} says otherwise.
   */
  public CacheAsideBuilder<K, V> staleIfError(Duration staleIfError) {
    this.staleIfError = notNegative("staleIfError", staleIfError);
    return this;
  }

  /**
   * Sets when a value is refreshed in the background before its time to live ends. Default: never.
   * Loaders run as with {@link #staleWhileRevalidate}.
   */
  public CacheAsideBuilder<K, V> earlyRefresh(EarlyRefresh earlyRefresh) {
    this.earlyRefresh = Objects.requireNonNull(earlyRefresh, "earlyRefresh");
    return this;
  }

  /**
   * Sets how values are kept in this process, so that reads of hot keys ask nobody. Default: they
   * are not. Reads may then be stale in other processes than the one that invalidates, for at most
   * {@link NearCache#maxStaleness}; a read that finds nothing near costs two more commands in the
   * same round trip. Needs a store that tells of changes, as those of this project do.
   */
  public CacheAsideBuilder<K, V> nearCache(NearCache nearCache) {
    this.nearCache = Objects.requireNonNull(nearCache, "nearCache");
    return this;
  }

  /**
   * Sets a function that copies a value, for values that callers may change. Default: none. Then
   * the callers of one load share the object that its loader returned, and all readers share the
   * objects of the {@link #nearCache}.
   *
   * <p>With it each caller has an object of its own: the one whose loader ran, those that joined
   * its load, each hit in the near cache, and each {@link #fallback}. A value that was decoded for
   * one caller alone is not copied. The copy must share nothing with the value that a caller may
   * change. The function runs on the thread of the caller, or on the executor for asynchronous
   * reads. If it throws, or returns null, that one read fails with what it threw, or a {@link
   * NullPointerException}; what is cached stays as it is.
   */
  public CacheAsideBuilder<K, V> copier(UnaryOperator<V> copier) {
    this.copier = Objects.requireNonNull(copier, "copier");
    return this;
  }

  /**
   * Sets what a read returns if the load failed and there is no stale value: a default that is not
   * cached. Default: none, the read fails. A read of several keys ({@link CacheAside#getAll}) asks
   * for each key that failed. The function must be quick; it may return null. Interrupted reads and
   * {@link Error}s fail all the same.
   */
  public CacheAsideBuilder<K, V> fallback(Function<? super K, ? extends @Nullable V> fallback) {
    this.fallback = Objects.requireNonNull(fallback, "fallback");
    return this;
  }

  /**
   * Sets for how long a failed load keeps further loads of its key away, in all processes: reads
   * fail at once with a {@link SharedLoadException}, or get a stale value where that is allowed.
   * Default: 1 s and 30 s for keys that still have a value, where {@link #staleIfError} or {@link
   * #staleWhileRevalidate} is set; otherwise not at all. Doubled with each failure in a row, with
   * jitter of up to half.
   *
   * @param first after the first failure
   * @param longest the bound
   */
  public CacheAsideBuilder<K, V> failureBackoff(Duration first, Duration longest) {
    this.failureBackoff = upToOneDay("failureBackoff", first);
    this.longestFailureBackoff = upToOneDay("failureBackoff", longest);
    if (first.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "failureBackoff begins with "
              + Printable.of(first)
              + " and ends with "
              + Printable.of(longest)
              + "; the first must not be longer");
    }
    return this;
  }

  /**
   * Sets how long a read that could fall back on a stale value ({@link #staleIfError}) waits for a
   * load. Default: until the load ends. The load goes on, and is cached. Loaders of such reads run
   * on the {@linkplain #loaderExecutor loader executor}, or else on the {@linkplain #executor
   * executor}.
   */
  public CacheAsideBuilder<K, V> softTimeout(Duration softTimeout) {
    this.softTimeout = upToOneDay("softTimeout", softTimeout);
    return this;
  }

  /**
   * Sets how many loads of this cache run at the same time in this process. Default: 256. A bulk
   * load counts as one; a load that the loader of another key asks for does not count. More wait,
   * up to {@link #maxQueuedLoads}.
   */
  public CacheAsideBuilder<K, V> maxConcurrentLoads(int maxConcurrentLoads) {
    this.maxConcurrentLoads = positive("maxConcurrentLoads", maxConcurrentLoads);
    return this;
  }

  /**
   * Sets how many loads may wait for a place. Default: 10,000. Zero: none. More are refused with a
   * {@link LoadRejectedException}.
   */
  public CacheAsideBuilder<K, V> maxQueuedLoads(int maxQueuedLoads) {
    if (maxQueuedLoads < 0) {
      throw new IllegalArgumentException("maxQueuedLoads is " + maxQueuedLoads + "; use 0 or more");
    }
    this.maxQueuedLoads = maxQueuedLoads;
    return this;
  }

  /**
   * Sets over which time the number of concurrent loads rises from a tenth of {@link
   * #maxConcurrentLoads} to all of it, after this cache was built and after contact with the store
   * was lost or it was emptied: a store that comes back empty then does not turn every read into a
   * load at once. Default: zero, not at all.
   */
  public CacheAsideBuilder<K, V> warmUp(Duration warmUp) {
    this.warmUp = warmUp.isZero() ? warmUp : upToOneDay("warmUp", warmUp);
    return this;
  }

  /**
   * Sets the tags of each key, by which entries can be {@linkplain CacheAside#invalidateTag
   * invalidated} together, at once and however many they are. Default: none. Each read then asks
   * for the tags too, in the same round trip; the function must give a key the same tags in all
   * processes. At most 64 tags of 256 characters.
   */
  public CacheAsideBuilder<K, V> tags(Function<? super K, ? extends Collection<String>> tags) {
    this.tags = Objects.requireNonNull(tags, "tags");
    return this;
  }

  /**
   * Lets loaders name further tags for what they return ({@link LoadContext#tags}). Default: not. A
   * read that finds such tags costs a second round trip, and what a load brings that names tags is
   * not cached if any tag of the cache was invalidated meanwhile.
   */
  public CacheAsideBuilder<K, V> loaderTags() {
    this.loaderTags = true;
    return this;
  }

  /**
   * Lets {@link CacheAside#clear} end all entries at once, however many they are, instead of
   * walking through the store. Default: not. Each read then asks for one more key, in the same
   * round trip; the memory of ended entries is free when their time to live is over. All processes
   * have to agree.
   */
  public CacheAsideBuilder<K, V> instantClear() {
    this.instantClear = true;
    return this;
  }

  /**
   * Sets for how long after an invalidation of a key its loads are served but not cached (G10):
   * longer than replicas of the source that loaders read from may lag behind. Default: not at all.
   * It holds for keys, not for tags, patterns and {@code clear}. All processes have to agree.
   */
  public CacheAsideBuilder<K, V> holdOff(Duration holdOff) {
    this.holdOff = upToOneDay("holdOff", holdOff);
    return this;
  }

  /**
   * Sets how to read the version of a value, such as a row version that every write raises. With it
   * {@link CacheAside#invalidate(Object, long)} ends the {@link #holdOff} with the first load that
   * returns the version that was written. Default: none.
   */
  public CacheAsideBuilder<K, V> version(ToLongFunction<? super V> version) {
    this.version = Objects.requireNonNull(version, "version");
    return this;
  }

  /**
   * Sets how long a {@linkplain CacheAside#fence fence} around a write lasts if its writer dies,
   * and puts one around every {@link CacheAside#writeThenInvalidate}. Default: none. Longer than
   * the slowest commit. All processes have to agree.
   */
  public CacheAsideBuilder<K, V> fenceTime(Duration fenceTime) {
    this.fenceTime = upToOneDay("fenceTime", fenceTime);
    return this;
  }

  /**
   * Sets how many keys whose invalidation failed are remembered one by one. Default: 10,000. Beyond
   * that the whole cache is read around until all of it could be cleared.
   */
  public CacheAsideBuilder<K, V> maxUnconfirmedInvalidations(int maxUnconfirmedInvalidations) {
    this.maxUnconfirmedInvalidations =
        positive("maxUnconfirmedInvalidations", maxUnconfirmedInvalidations);
    return this;
  }

  /**
   * Sets after how many timeouts in a row the store is not asked any more, and when to try again.
   * Default: 10 and 1 s. Until a try, made in the background, succeeds, reads load from the source
   * without waiting for a timeout. A pause of less than 10 s is doubled with each try up to that,
   * with jitter. Invalidations are not affected.
   */
  public CacheAsideBuilder<K, V> circuitBreaker(int timeouts, Duration pause) {
    this.breakerTimeouts = positive("circuitBreaker timeouts", timeouts);
    this.breakerPause = upToOneDay("circuitBreaker pause", pause);
    return this;
  }

  /**
   * Sets how long "the source has nothing under this key" is cached. Default: not at all, so that
   * each read of an absent key costs a load. Keep it short, and invalidate keys that come into
   * being.
   */
  public CacheAsideBuilder<K, V> absentTtl(Duration absentTtl) {
    this.absentTtl = Lifetimes.checked("absentTtl", absentTtl);
    return this;
  }

  /**
   * Sets by which part of itself a time to live may be shortened at random, so that entries written
   * together do not expire together. Default: 0.1. From 0.0 (exact) to less than 1.0.
   */
  public CacheAsideBuilder<K, V> ttlJitter(double ttlJitter) {
    if (!(ttlJitter >= 0.0 && ttlJitter < 1.0)) {
      throw new IllegalArgumentException(
          "ttlJitter is " + ttlJitter + "; use a fraction from 0.0 to less than 1.0");
    }
    this.ttlJitter = ttlJitter;
    return this;
  }

  /**
   * Sets how long a load may take before others stop waiting for it and its result is no longer
   * cached. Default: 30 s. Longer than the slowest load that is still useful.
   */
  public CacheAsideBuilder<K, V> loadTimeout(Duration loadTimeout) {
    this.loadTimeout = upToOneDay("loadTimeout", loadTimeout);
    return this;
  }

  /**
   * Sets how long a load keeps its lease without a sign of life; it is renewed three times as
   * often. Default: 3 s. After a process died while loading, others wait at most this long. Shorter
   * than the longest pause of a healthy process means needless second loads, never a stale value.
   */
  public CacheAsideBuilder<K, V> leaseTime(Duration leaseTime) {
    this.leaseTime = upToOneDay("leaseTime", leaseTime);
    return this;
  }

  /**
   * Sets how long {@link CacheAside#close()} waits for loads under way, and for a last try of
   * invalidations that are not confirmed. Default: 5 s. Zero: not at all.
   */
  public CacheAsideBuilder<K, V> closeTimeout(Duration closeTimeout) {
    this.closeTimeout =
        closeTimeout.isZero() ? closeTimeout : upToOneDay("closeTimeout", closeTimeout);
    return this;
  }

  /**
   * Sets the largest encoded value that is cached, in bytes. Default: 16 MiB. A larger one is
   * returned to its caller and not cached; {@code put} and {@code update} refuse it.
   */
  public CacheAsideBuilder<K, V> maxPayloadBytes(int maxPayloadBytes) {
    this.maxPayloadBytes = positive("maxPayloadBytes", maxPayloadBytes);
    return this;
  }

  /** Sets the longest key, as UTF-8 text with the name of the cache, in bytes. Default: 8 KiB. */
  public CacheAsideBuilder<K, V> maxKeyBytes(int maxKeyBytes) {
    this.maxKeyBytes = positive("maxKeyBytes", maxKeyBytes);
    return this;
  }

  /**
   * Sets the version of what the codec writes. Default: 0. Raise it with an incompatible change of
   * the value type. An entry of an older version is replaced; a process of an older version that
   * meets a newer entry reads the source and leaves the entry alone, so nothing flaps while a
   * deployment rolls.
   */
  public CacheAsideBuilder<K, V> schemaVersion(int schemaVersion) {
    if (schemaVersion < 0) {
      throw new IllegalArgumentException(
          "schemaVersion is " + schemaVersion + "; use 0 or more, and only ever raise it");
    }
    this.schemaVersion = schemaVersion;
    return this;
  }

  /**
   * Sets how a failed load is tried again, under the same lease. Default: not at all. Waiting for
   * the next try blocks the caller of a synchronous read.
   */
  public CacheAsideBuilder<K, V> loadRetry(RetryPolicy loadRetry) {
    this.loadRetry = Objects.requireNonNull(loadRetry, "loadRetry");
    return this;
  }

  /** Sets how a failed invalidation is tried again. Default: {@code RetryPolicy.of(3)}. */
  public CacheAsideBuilder<K, V> invalidationRetry(RetryPolicy invalidationRetry) {
    this.invalidationRetry = Objects.requireNonNull(invalidationRetry, "invalidationRetry");
    return this;
  }

  /**
   * Sets what a caller learns of an invalidation that the store did not confirm. Default: {@link
   * InvalidationFailures#THROW}. With {@link InvalidationFailures#QUEUE} a service goes on writing
   * while the store is down; that has a price.
   */
  public CacheAsideBuilder<K, V> invalidationFailures(InvalidationFailures invalidationFailures) {
    this.invalidationFailures =
        Objects.requireNonNull(invalidationFailures, "invalidationFailures");
    return this;
  }

  /**
   * Sets whether keys are replaced by a hash in log records, exceptions and {@code what} of
   * listeners. Default: false.
   */
  public CacheAsideBuilder<K, V> redactKeys(boolean redactKeys) {
    this.redactKeys = redactKeys;
    return this;
  }

  /** Sets who is told what happens. Default: nobody. */
  public CacheAsideBuilder<K, V> listener(CacheListener<? super K> listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets the executor on which asynchronous loaders, codecs and listeners run. Blocking loaders
   * never run on it where the environment has {@linkplain Environment#newBackgroundThreads threads
   * for them}. A blocking read needs no thread of it to go on. Default: the one of the {@linkplain
   * Environment environment}, on which what this one rejects runs, too. It must not run a task on
   * the thread that hands it over (no {@code Runnable::run}, no caller-runs policy): that can be
   * one of the network client.
   */
  public CacheAsideBuilder<K, V> executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Sets an executor for loaders that block: those of synchronous reads, and of {@link
   * AsyncCacheAside#getBlocking(Object, Loader)}. Default: none; synchronous reads load on the
   * caller's own thread. With one, a caller gets a {@link LoadTimeoutException} at the load timeout
   * even if its loader never returns, and a {@link java.util.concurrent.RejectedExecutionException}
   * if the executor does not take it. A loader that runs on this executor and reads a cache with
   * the same one loads on its own thread. Other tasks of the executor must not read the cache if
   * they can occupy all its threads: their loads would wait for each other until the load timeout.
   * Nor must a loader wait there for a future of {@code getBlocking}.
   */
  public CacheAsideBuilder<K, V> loaderExecutor(Executor loaderExecutor) {
    this.loaderExecutor = Objects.requireNonNull(loaderExecutor, "loaderExecutor");
    return this;
  }

  /**
   * Sets which context of the reader goes with loaders that run on another thread: refreshes, loads
   * that outlast a soft timeout, and those on a {@linkplain #loaderExecutor loader executor}.
   * Default: its MDC and its context class loader, which go with them in any case. Loaders of
   * asynchronous reads that are not refreshes have the context of the {@linkplain #executor
   * executor}.
   */
  public CacheAsideBuilder<K, V> contextPropagation(ContextPropagation contextPropagation) {
    this.contextPropagation = Objects.requireNonNull(contextPropagation, "contextPropagation");
    return this;
  }

  /** Sets where time, threads and randomness come from. Default: {@link Environment#system()}. */
  public CacheAsideBuilder<K, V> environment(Environment environment) {
    this.environment = Objects.requireNonNull(environment, "environment");
    return this;
  }

  /**
   * Sets what a configuration says of this cache, and of all caches.
   *
   * <p>Each option that is no code has a property of its own name: {@code cache-aside.ttl} for all
   * caches, {@code cache-aside.caches.users.ttl} for the cache {@code users}, which takes
   * precedence. Those of several values have one for each: {@code near-cache.max-entries} or {@code
   * near-cache.max-bytes}, {@code near-cache.max-staleness}, {@code near-cache.with-absences};
   * {@code early-refresh.after} or {@code early-refresh.x-fetch}; {@code failure-backoff.first} and
   * {@code longest}; {@code circuit-breaker.timeouts} and {@code pause}; {@code
   * load-retry.max-attempts}, {@code first-delay}, {@code max-delay} and {@code deadline}, and the
   * same of {@code invalidation-retry}. See {@link Configuration} for the forms of names.
   *
   * <p>If the configuration and a method set the same option, the later call wins. An option that
   * the configuration does not set stays as it is.
   *
   * @throws IllegalArgumentException with the name of the property, its value and the fix, if a
   *     value is wrong or an option unknown; some options may have been set then
   */
  public CacheAsideBuilder<K, V> configuration(Configuration configuration) {
    new CacheProperties<>(this)
        .read(Objects.requireNonNull(configuration, "configuration").cache(name));
    return this;
  }

  /**
   * Builds the cache.
   *
   * @throws IllegalStateException if settings contradict each other, or if a cache of this name is
   *     open on this store; close it first or choose another name
   */
  public CacheAside<K, V> build() {
    return new SyncCache<>(open());
  }

  /**
   * Builds a cache with a loader of its own. Several keys are loaded side by side.
   *
   * @throws IllegalStateException as {@link #build()} does
   */
  public LoadingCacheAside<K, V> build(Loader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return loading(
        (key, context) -> CompletableFuture.completedFuture(loader.load(key)), null, true);
  }

  /**
   * Builds a cache with a loader of its own, and one for several keys.
   *
   * @throws IllegalStateException as {@link #build()} does
   */
  public LoadingCacheAside<K, V> build(
      Loader<? super K, ? extends V> loader, BulkLoader<K, V> bulkLoader) {
    Objects.requireNonNull(loader, "loader");
    Objects.requireNonNull(bulkLoader, "bulkLoader");
    return loading(
        (key, context) -> CompletableFuture.completedFuture(loader.load(key)),
        keys -> CompletableFuture.completedFuture(bulkLoader.loadAll(keys)),
        true);
  }

  /**
   * Builds a cache with a loader of its own that is told about its loads. Several keys are loaded
   * side by side.
   *
   * @throws IllegalStateException as {@link #build()} does
   */
  public LoadingCacheAside<K, V> buildWithContext(ContextLoader<? super K, V> loader) {
    Objects.requireNonNull(loader, "loader");
    return loading(
        (key, context) -> CompletableFuture.completedFuture(loader.load(key, context)), null, true);
  }

  /**
   * Builds a cache with a loader of its own that does not block. Several keys are loaded side by
   * side. Its synchronous face waits for the loader.
   *
   * @throws IllegalStateException as {@link #build()} does
   */
  public LoadingCacheAside<K, V> buildAsync(AsyncLoader<? super K, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return loading((key, context) -> loader.load(key), null, false);
  }

  /**
   * Builds a cache with a loader of its own that does not block, and one for several keys.
   *
   * @throws IllegalStateException as {@link #build()} does
   */
  public LoadingCacheAside<K, V> buildAsync(
      AsyncLoader<? super K, ? extends V> loader, AsyncBulkLoader<K, V> bulkLoader) {
    Objects.requireNonNull(loader, "loader");
    Objects.requireNonNull(bulkLoader, "bulkLoader");
    return loading((key, context) -> loader.load(key), bulkLoader::loadAll, false);
  }

  private LoadingCacheAside<K, V> loading(
      Source<K, V> one, @Nullable BulkSource<K, V> all, boolean block) {
    return new LoadingSyncCache<>(open(), new Sources<>(one, all), block);
  }

  private Engine<K, V> open() {
    if (softTimeout != null && staleIfError.isZero()) {
      throw new IllegalStateException(
          "softTimeout is "
              + Printable.of(softTimeout)
              + " and staleIfError is zero: there is nothing to return"
              + " after the soft timeout; set staleIfError too, or no softTimeout");
    }
    if (version != null && holdOff == null) {
      throw new IllegalStateException(
          "version is set and holdOff is not: set holdOff to how long an old version may be read");
    }
    return new Engine<>(settings());
  }

  Settings<K, V> settings() {
    return new Settings<>(
        name,
        store,
        new Settings.Format<>(keyCodec, codec, schemaVersion, maxKeyBytes, maxPayloadBytes),
        new Settings.Ttl<>(
            ttl,
            absentTtl,
            ttlFunction,
            ttlJitter,
            staleWhileRevalidate,
            staleIfError,
            earlyRefresh),
        new Settings.Loads<>(
            loadTimeout,
            softTimeout,
            leaseTime,
            maxConcurrentLoads,
            maxQueuedLoads,
            warmUp,
            loadRetry,
            failureBackoff,
            longestFailureBackoff,
            fallback,
            loaderExecutor,
            contextPropagation),
        new Settings.Invalidations<>(
            invalidationRetry,
            invalidationFailures,
            maxUnconfirmedInvalidations,
            holdOff,
            version,
            fenceTime),
        new Settings.Tags<>(tags, loaderTags, instantClear),
        new Settings.Near<>(nearCache, copier),
        new Settings.CircuitBreaker(breakerTimeouts, breakerPause),
        new Settings.Observation<>(listener, redactKeys),
        environment,
        executor,
        closeTimeout);
  }

  private static Duration notNegative(String property, Duration value) {
    if (value.isNegative() || value.compareTo(Store.MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          property
              + " is "
              + Printable.of(value)
              + "; use 0 s or more, at most "
              + Lifetimes.LONGEST);
    }
    return value;
  }

  private static Duration upToOneDay(String property, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          property + " is " + Printable.of(value) + "; use at least 1 ms and at most one day");
    }
    return value;
  }

  private static int positive(String property, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(property + " is " + value + "; use 1 or more");
    }
    return value;
  }
}
