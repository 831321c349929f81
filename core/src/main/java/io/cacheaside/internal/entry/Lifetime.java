package io.cacheaside.internal.entry;

import java.time.Duration;

/**
 * How long an entry is there and how long it counts as fresh.
 *
 * @param ttl how long the store keeps it
 * @param fresh how long it may be used without being asked about; not longer than {@code ttl}
 */
public record Lifetime(Duration ttl, Duration fresh) {

  static Lifetime of(Duration ttl) {
    return new Lifetime(ttl, ttl);
  }
}
