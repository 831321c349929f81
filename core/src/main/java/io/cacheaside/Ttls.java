package io.cacheaside;

import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.Objects;

/** How long entries live: the rules for times to live and the jitter that spreads their ends. */
final class Ttls {
  private final Environment environment;
  private final double jitter;

  Ttls(Environment environment, double jitter) {
    this.environment = environment;
    this.jitter = jitter;
  }

  /** Returns a time to live shortened by a random part, so that entries do not expire together. */
  Duration spread(Duration ttl) {
    long millis = ttl.toMillis();
    long cut = (long) (millis * jitter * environment.random());
    return Duration.ofMillis(Math.max(1, millis - cut));
  }

  static Duration checked(String property, Duration ttl) {
    Objects.requireNonNull(ttl, property);
    if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(Store.MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          property + " is " + ttl + "; use at least 1 ms and at most " + Store.MAX_TTL);
    }
    return ttl;
  }
}
