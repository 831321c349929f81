package io.cacheaside.internal;

import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheListener;
import io.cacheaside.ContextPropagation;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.Environment;
import io.cacheaside.InvalidationFailures;
import io.cacheaside.NearCache;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All options of one cache, checked and sealed by {@link CacheAsideBuilder#build()}, where each is
 * explained. Only the builder and {@link Engine} know it; a room of the engine is given the values
 * that it needs.
 *
 * @param store null for a store of the cache's own
 * @param executor null for the one of the environment
 */
public record Settings<K, V>(
    String name,
    @Nullable Store store,
    Format<K, V> format,
    Ttl<K, V> ttl,
    Loads<K, V> loads,
    Invalidations<V> invalidations,
    Tags<K> tags,
    Near<V> near,
    CircuitBreaker circuitBreaker,
    Observation<K> observation,
    Environment environment,
    @Nullable Executor executor,
    Duration closeTimeout) {

  /** How keys and values become bytes, and how many. */
  public record Format<K, V>(
      KeyCodec<K> keyCodec,
      Codec<V> codec,
      int schemaVersion,
      int maxKeyBytes,
      int maxPayloadBytes) {}

  /** How long entries live, and for how long stale values are kept. */
  public record Ttl<K, V>(
      Duration usual,
      @Nullable Duration absent,
      @Nullable BiFunction<? super K, ? super V, Duration> function,
      double jitter,
      Duration staleWhileRevalidate,
      Duration staleIfError,
      @Nullable EarlyRefresh earlyRefresh) {

    /** Returns for how long a value is kept after its time to live. */
    Duration longestStaleness() {
      return staleIfError.compareTo(staleWhileRevalidate) > 0 ? staleIfError : staleWhileRevalidate;
    }
  }

  /** How loaders run, how many at a time, and what follows when they fail. */
  public record Loads<K, V>(
      Duration timeout,
      @Nullable Duration softTimeout,
      Duration leaseTime,
      int maxConcurrent,
      int maxQueued,
      Duration warmUp,
      RetryPolicy retry,
      @Nullable Duration failureBackoff,
      Duration longestFailureBackoff,
      @Nullable Function<? super K, ? extends @Nullable V> fallback,
      @Nullable Executor executor,
      @Nullable ContextPropagation contextPropagation) {}

  /** How invalidations are repeated, and what they keep from being stored. */
  public record Invalidations<V>(
      RetryPolicy retry,
      InvalidationFailures failures,
      int maxUnconfirmed,
      @Nullable Duration holdOff,
      @Nullable ToLongFunction<? super V> version,
      @Nullable Duration fenceTime) {}

  /** Which ids entries depend on. */
  public record Tags<K>(
      @Nullable Function<? super K, ? extends Collection<String>> declared,
      boolean byLoaders,
      boolean instantClear) {}

  /**
   * Which values are kept in the process.
   *
   * @param cache null if none are
   */
  public record Near<V>(@Nullable NearCache cache, @Nullable UnaryOperator<V> copier) {}

  /** When the store is left alone. */
  public record CircuitBreaker(int timeouts, Duration pause) {}

  /** Who is told of events, and how. */
  public record Observation<K>(CacheListener<? super K> listener, boolean redactKeys) {}
}
