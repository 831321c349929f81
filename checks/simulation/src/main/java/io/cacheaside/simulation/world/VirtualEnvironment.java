package io.cacheaside.simulation.world;

import io.cacheaside.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Time, threads and randomness of a process, all of them the scheduler's. */
public final class VirtualEnvironment implements Environment {
  private static final Logger NEAR_CACHE = Logger.getLogger("com.github.benmanes.caffeine.cache");

  static {
    NEAR_CACHE.setLevel(Level.OFF); // it logs the errors that are injected here
  }

  private final Scheduler scheduler;
  private final String host;
  private int callsToError;

  public VirtualEnvironment(Scheduler scheduler, String host) {
    this.scheduler = scheduler;
    this.host = host;
  }

  @Override
  public long nanoTime() {
    return scheduler.nowNanos();
  }

  @Override
  public Executor executor() {
    return task -> {
      call();
      scheduler.submit(host, task);
    };
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    call();
    return scheduler.after(host, delay, task)::run;
  }

  @Override
  public double random() {
    call();
    return scheduler.random().nextDouble();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    call();
    scheduler.random().nextBytes(target);
  }

  /** Lets one of the next calls that come from this process itself end with an error. */
  void failCall(int number) {
    callsToError = number;
  }

  private void call() {
    if (callsToError > 0 && scheduler.isRunning(host) && --callsToError == 0) {
      throw new InjectedError();
    }
  }
}
