/**
 * A {@link io.cacheaside.store.Store} on Redis and Valkey: standalone, behind Sentinel, or a
 * Cluster.
 */
@NullMarked
package io.cacheaside.redis;

import org.jspecify.annotations.NullMarked;
