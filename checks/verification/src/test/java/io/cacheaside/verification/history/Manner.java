package io.cacheaside.verification.history;

import io.cacheaside.ReadOptions;
import java.time.Duration;

/** How something is read. */
enum Manner {
  PLAIN(ReadOptions.defaults()),
  STRICT(ReadOptions.defaults().strict()),
  FORCED(ReadOptions.defaults().forceRefresh()),
  /** What it loads is cached for a short time only. */
  SHORT_LIVED(ReadOptions.defaults().ttl(Duration.ofMillis(300)));

  private static final Manner[] ALL = values();

  private final ReadOptions options;

  Manner(ReadOptions options) {
    this.options = options;
  }

  static Manner of(int ordinal) {
    return ALL[ordinal];
  }

  ReadOptions options() {
    return options;
  }

  /** Whether a value that is kept in the process will do. */
  boolean acceptsNear() {
    return this == PLAIN || this == SHORT_LIVED;
  }
}
