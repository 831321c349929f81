package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a cache, sealed by {@link CacheAsideBuilder#build()}, where each is explained.
 */
record Settings(
    String name,
    Duration ttl,
    @Nullable Duration absentTtl,
    double ttlJitter,
    Duration loadTimeout,
    Duration leaseTime,
    Duration closeTimeout,
    int maxPayloadBytes,
    int maxKeyBytes,
    int schemaVersion,
    RetryPolicy loadRetry,
    RetryPolicy invalidationRetry) {}
