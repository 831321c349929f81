package io.cacheaside.simulation.run;

import io.cacheaside.ReadOptions;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import java.time.Duration;

/** With which options a key is read. */
enum ReadKind {
  YOUNG,
  FORCED,
  STRICT,
  UNCACHED,
  DEFAULT;

  private static final int DICE = 12;

  static ReadKind any(Scheduler scheduler) {
    return switch (scheduler.random().nextInt(DICE)) {
      case 0 -> YOUNG;
      case 1 -> FORCED;
      case 2 -> STRICT;
      case 3 -> UNCACHED;
      default -> DEFAULT;
    };
  }

  /** Returns whether such a read does without near values. */
  boolean asksTheStore() {
    return this == YOUNG || this == FORCED || this == STRICT;
  }

  ReadOptions options(Scheduler scheduler, Features features) {
    ReadOptions defaults = ReadOptions.defaults();
    return switch (this) {
      case YOUNG -> defaults.maxAge(scheduler.upTo(Duration.ofSeconds(3)));
      case FORCED -> defaults.forceRefresh();
      case STRICT -> defaults.strict();
      case UNCACHED -> features.calm() ? defaults : defaults.doNotCache();
      case DEFAULT -> defaults;
    };
  }
}
