package io.cacheaside.internal.threads;

import io.cacheaside.Environment;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;

/** The running JVM as an environment. */
public final class SystemEnvironment implements Environment {
  public static final SystemEnvironment INSTANCE = new SystemEnvironment();

  private final SecureRandom ids = new SecureRandom();
  private final Executor executor = ForkJoinPool.commonPool();
  private final Timers timers = new Timers();

  private SystemEnvironment() {}

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Executor executor() {
    return executor;
  }

  @Override
  public ExecutorService newBackgroundThreads(String cacheName) {
    return BackgroundThreads.of(cacheName);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return timers.schedule(delay, task);
  }

  @Override
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  @Override
  public void uniqueBytes(byte[] target) {
    ids.nextBytes(target);
  }
}
