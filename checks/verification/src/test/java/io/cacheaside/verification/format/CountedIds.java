package io.cacheaside.verification.format;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;

/** An environment in which time stands still and ids are counted, so that the bytes are known. */
final class CountedIds implements Environment {
  static final long NOW_NANOS = Duration.ofHours(1).toNanos();

  private int ids;

  /** Does not count the next id, because its number is that of an earlier state. */
  void startBefore() {
    ids = -1;
  }

  @Override
  public long nanoTime() {
    return NOW_NANOS;
  }

  @Override
  public Executor executor() {
    return Runnable::run;
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return () -> {};
  }

  @Override
  public double random() {
    return 0.0;
  }

  @Override
  public void uniqueBytes(byte[] target) {
    ids++;
    for (int i = 0; i < target.length; i++) {
      target[i] = (byte) (ids * 16 + i);
    }
  }
}
