package io.cacheaside.simulation;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Time, threads and randomness of a process, all of them the scheduler's. */
final class VirtualEnvironment implements Environment {
  private final Scheduler scheduler;
  private final String host;

  VirtualEnvironment(Scheduler scheduler, String host) {
    this.scheduler = scheduler;
    this.host = host;
  }

  @Override
  public long nanoTime() {
    return scheduler.nowNanos();
  }

  @Override
  public Executor executor() {
    return task -> scheduler.submit(host, task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return scheduler.after(host, delay, task)::run;
  }

  @Override
  public double random() {
    return scheduler.random().nextDouble();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    scheduler.random().nextBytes(target);
  }
}
