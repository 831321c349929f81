package io.cacheaside.verification.behaviour;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The environment of this JVM, but for chance: back-off and jitter are as long as this says.
 *
 * @param random from 0.0 inclusive to 1.0 exclusive
 */
record FixedChance(double random) implements Environment {

  @Override
  public long nanoTime() {
    return Environment.system().nanoTime();
  }

  @Override
  public Executor executor() {
    return Environment.system().executor();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return Environment.system().schedule(delay, task);
  }

  @Override
  public void uniqueBytes(byte[] target) {
    Environment.system().uniqueBytes(target);
  }
}
