package io.cacheaside;

import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.config.PropertyReader;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a cache and builds it. Every setting has a default that can go to
 * production; a wrong one is refused at once with its name, its value and the fix. Not thread-safe.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class CacheAsideBuilder<K, V> {
  final String name;
  final KeyCodec<K> keyCodec;
  final Codec<V> codec;
  @Nullable Store store;
  Duration ttl = Duration.ofSeconds(60);
  @Nullable Duration absentTtl;
  double ttlJitter = 0.1;
  Duration loadTimeout = Duration.ofSeconds(30);
  Duration leaseTime = Duration.ofSeconds(3);
  Duration closeTimeout = Duration.ofSeconds(5);
  int maxPayloadBytes = 16 << 20;
  int maxKeyBytes = 8 << 10;
  int schemaVersion;
  RetryPolicy loadRetry = RetryPolicy.none();
  RetryPolicy invalidationRetry = RetryPolicy.of(3);
  boolean redactKeys;
  CacheListener<? super K> listener = Events.noListener();
  Environment environment = Environment.system();
  @Nullable Executor executor;
  @Nullable Executor loaderExecutor;

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
    this.ttl = Ttls.checked("ttl", ttl);
    return this;
  }

  /**
   * Sets how long "the source has nothing under this key" is cached. Default: not at all, so that
   * each read of an absent key costs a load. Keep it short, and invalidate keys that come into
   * being.
   */
  public CacheAsideBuilder<K, V> absentTtl(Duration absentTtl) {
    this.absentTtl = Ttls.checked("absentTtl", absentTtl);
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
   * Sets how long {@link CacheAside#close()} waits for loads under way. Default: 5 s. Zero: not at
   * all.
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
   * Sets the executor on which asynchronous loaders, codecs and listeners run. Default: the one of
   * the {@linkplain Environment environment}. It must not run a task on the thread that hands it
   * over (no {@code Runnable::run}, no caller-runs policy): that can be one of the network client.
   */
  public CacheAsideBuilder<K, V> executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Sets an executor for the loaders of synchronous reads. Default: none, the caller's own thread.
   * With one, a caller gets a {@link LoadTimeoutException} at the load timeout even if its loader
   * never returns.
   */
  public CacheAsideBuilder<K, V> loaderExecutor(Executor loaderExecutor) {
    this.loaderExecutor = Objects.requireNonNull(loaderExecutor, "loaderExecutor");
    return this;
  }

  /** Sets where time, threads and randomness come from. Default: {@link Environment#system()}. */
  public CacheAsideBuilder<K, V> environment(Environment environment) {
    this.environment = Objects.requireNonNull(environment, "environment");
    return this;
  }

  /**
   * Sets options from text: application properties, or the environment of the process.
   *
   * <p>{@code cache-aside.ttl=10m} (or {@code CACHE_ASIDE_TTL=10m}) holds for every cache, {@code
   * cache-aside.caches.users.ttl=1h} for the cache named {@code users} and goes before the former.
   * The options are {@code ttl}, {@code absent-ttl}, {@code ttl-jitter}, {@code load-timeout},
   * {@code lease-time}, {@code close-timeout}, {@code max-payload} and {@code max-key} (as {@code
   * 16MiB}), {@code schema-version} and {@code redact-keys}. Other names below {@code cache-aside}
   * are refused, but for those of stores.
   *
   * @throws IllegalArgumentException with the name of the property, its value and the fix
   */
  public CacheAsideBuilder<K, V> properties(Map<String, String> properties) {
    read(PropertyReader.of(properties, "cache-aside").ignoring("redis", "caches"));
    Map<String, String> dotted = new HashMap<>(properties);
    dotted.keySet().removeIf(property -> property.indexOf('.') < 0);
    read(PropertyReader.of(dotted, "cache-aside.caches." + name));
    return this;
  }

  private void read(PropertyReader options) {
    options
        .duration("ttl", this::ttl)
        .duration("absent-ttl", this::absentTtl)
        .decimal("ttl-jitter", this::ttlJitter)
        .duration("load-timeout", this::loadTimeout)
        .duration("lease-time", this::leaseTime)
        .duration("close-timeout", this::closeTimeout)
        .bytes("max-payload", bytes -> maxPayloadBytes(clamped(bytes)))
        .bytes("max-key", bytes -> maxKeyBytes(clamped(bytes)))
        .integer("schema-version", this::schemaVersion)
        .bool("redact-keys", this::redactKeys)
        .finish();
  }

  /**
   * Builds the cache.
   *
   * @throws IllegalStateException if a cache of this name is open on this store; close it first or
   *     choose another name
   */
  public CacheAside<K, V> build() {
    return new SyncCache<>(new Engine<>(this));
  }

  private static int clamped(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  Settings settings() {
    return new Settings(
        name,
        ttl,
        absentTtl,
        ttlJitter,
        loadTimeout,
        leaseTime,
        closeTimeout,
        maxPayloadBytes,
        maxKeyBytes,
        schemaVersion,
        loadRetry,
        invalidationRetry);
  }

  private static Duration upToOneDay(String property, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          property + " is " + value + "; use at least 1 ms and at most one day");
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
