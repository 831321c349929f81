package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a cache that several rooms of the engine need, sealed by {@link
 * CacheAsideBuilder#build()}, where each is explained.
 */
record Settings(
    String name,
    Duration ttl,
    @Nullable Duration absentTtl,
    Duration loadTimeout,
    @Nullable Duration softTimeout,
    Duration leaseTime,
    Duration closeTimeout,
    int maxPayloadBytes,
    int maxKeyBytes,
    int schemaVersion,
    int maxConcurrentLoads,
    int maxQueuedLoads,
    Duration warmUp,
    int maxUnconfirmed,
    int breakerTimeouts,
    Duration breakerPause,
    RetryPolicy loadRetry,
    RetryPolicy invalidationRetry) {}
