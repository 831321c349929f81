package io.cacheaside;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one read may ask for differently from the cache's settings. Immutable. */
public final class ReadOptions {
  private static final ReadOptions DEFAULT = new ReadOptions(null);

  private final @Nullable Duration ttl;

  private ReadOptions(@Nullable Duration ttl) {
    this.ttl = ttl;
  }

  /** Returns options that change nothing. */
  public static ReadOptions defaults() {
    return DEFAULT;
  }

  /**
   * Returns these options with another time to live for what this read loads; an entry that is
   * found keeps its own.
   *
   * @param ttl positive, with millisecond resolution; the cache's jitter applies
   * @throws IllegalArgumentException if it is less than a millisecond or more than {@link
   *     io.cacheaside.store.Store#MAX_TTL}
   */
  public ReadOptions ttl(Duration ttl) {
    return new ReadOptions(Ttls.checked("ttl", ttl));
  }

  @Nullable Duration ttl() {
    return ttl;
  }
}
