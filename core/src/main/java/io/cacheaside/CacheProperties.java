package io.cacheaside;

import io.cacheaside.config.PropertyReader;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Sets the options of a cache that a configuration has: what each property does. */
final class CacheProperties<K, V> {
  private static final Duration DEFAULT_LONGEST_BACKOFF = Duration.ofSeconds(30);

  private final CacheAsideBuilder<K, V> builder;

  CacheProperties(CacheAsideBuilder<K, V> builder) {
    this.builder = builder;
  }

  /** Sets what the properties of a cache say. */
  void read(PropertyReader options) {
    readLifetimes(options);
    readLoads(options);
    readNearCache(options);
    readRetry(options, "load-retry", () -> builder.loadRetry, builder::loadRetry);
    readInvalidations(options);
    readRetry(
        options, "invalidation-retry", () -> builder.invalidationRetry, builder::invalidationRetry);
    options
        .bytes(
            "max-payload-bytes",
            bytes -> builder.maxPayloadBytes(upToTwoGiB("maxPayloadBytes", bytes)))
        .bytes("max-key-bytes", bytes -> builder.maxKeyBytes(upToTwoGiB("maxKeyBytes", bytes)))
        .integer("schema-version", builder::schemaVersion)
        .integer("circuit-breaker.timeouts", it -> builder.circuitBreaker(it, builder.breakerPause))
        .duration(
            "circuit-breaker.pause", it -> builder.circuitBreaker(builder.breakerTimeouts, it))
        .duration("close-timeout", builder::closeTimeout)
        .choice("invalidation-failures", InvalidationFailures.class, builder::invalidationFailures)
        .bool("redact-keys", builder::redactKeys)
        .finish();
  }

  private void readLifetimes(PropertyReader options) {
    options
        .duration("ttl", builder::ttl)
        .duration("absent-ttl", builder::absentTtl)
        .fraction("ttl-jitter", builder::ttlJitter)
        .duration("stale-while-revalidate", builder::staleWhileRevalidate)
        .duration("stale-if-error", builder::staleIfError)
        .oneOf("early-refresh.after", "early-refresh.x-fetch")
        .fraction("early-refresh.after", it -> builder.earlyRefresh(EarlyRefresh.after(it)))
        .decimal("early-refresh.x-fetch", it -> builder.earlyRefresh(EarlyRefresh.xFetch(it)));
  }

  private void readLoads(PropertyReader options) {
    options
        .duration("load-timeout", builder::loadTimeout)
        .duration("soft-timeout", builder::softTimeout)
        .duration("lease-time", builder::leaseTime)
        .integer("max-concurrent-loads", builder::maxConcurrentLoads)
        .integer("max-queued-loads", builder::maxQueuedLoads)
        .duration("warm-up", builder::warmUp)
        .duration("failure-backoff.first", it -> builder.failureBackoff(it, boundOfBackoff(it)));
    options
        .need("failure-backoff.first", builder.failureBackoff != null, "failure-backoff.longest")
        .duration(
            "failure-backoff.longest",
            it -> builder.failureBackoff(Objects.requireNonNull(builder.failureBackoff), it));
  }

  /** Returns the bound of a back-off that begins so: the one that is set, or 30 s. */
  private Duration boundOfBackoff(Duration first) {
    Duration bound =
        builder.failureBackoff == null ? DEFAULT_LONGEST_BACKOFF : builder.longestFailureBackoff;
    return first.compareTo(bound) > 0 ? first : bound;
  }

  private void readNearCache(PropertyReader options) {
    options
        .oneOf("near-cache.max-entries", "near-cache.max-bytes")
        .integer("near-cache.max-entries", it -> boundNearCache(NearCache.ofEntries(it)))
        .bytes("near-cache.max-bytes", it -> boundNearCache(NearCache.ofBytes(it)));
    String maxStaleness = "near-cache.max-staleness";
    String withAbsences = "near-cache.with-absences";
    options
        .need("near-cache.max-entries", builder.nearCache != null, maxStaleness, withAbsences)
        .duration(
            maxStaleness,
            it -> builder.nearCache(Objects.requireNonNull(builder.nearCache).maxStaleness(it)))
        .bool(
            withAbsences,
            it -> builder.nearCache(Objects.requireNonNull(builder.nearCache).withAbsences(it)));
  }

  private void boundNearCache(NearCache bound) {
    builder.nearCache = builder.nearCache == null ? bound : builder.nearCache.boundedAs(bound);
  }

  private static void readRetry(
      PropertyReader options,
      String name,
      Supplier<RetryPolicy> policy,
      Consumer<RetryPolicy> target) {
    String maxAttempts = name + ".max-attempts";
    String firstDelay = name + ".first-delay";
    String maxDelay = name + ".max-delay";
    String deadline = name + ".deadline";
    options.integer(maxAttempts, it -> target.accept(policy.get().attempts(it)));
    options
        .need(maxAttempts, policy.get().maxAttempts() > 1, firstDelay, maxDelay, deadline)
        .duration(maxDelay, it -> target.accept(policy.get().maxDelay(it)))
        .duration(firstDelay, it -> target.accept(policy.get().delays(it, policy.get().maxDelay())))
        .duration(deadline, it -> target.accept(policy.get().deadline(it)));
  }

  private void readInvalidations(PropertyReader options) {
    options
        .bool("loader-tags", it -> builder.loaderTags = it)
        .bool("instant-clear", it -> builder.instantClear = it)
        .duration("hold-off", builder::holdOff)
        .duration("fence-time", builder::fenceTime)
        .integer("max-unconfirmed-invalidations", builder::maxUnconfirmedInvalidations);
  }

  private static int upToTwoGiB(String property, long bytes) {
    if (bytes > 2L << 30) {
      throw new IllegalArgumentException(property + " is " + bytes + "; use at most 2 GiB");
    }
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
