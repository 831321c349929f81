package io.cacheaside.simulation;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.Environment;
import io.cacheaside.RetryPolicy;
import io.cacheaside.codec.Codec;
import java.time.Duration;
import java.util.concurrent.Executor;

/** One process of the simulation: an environment, a connection, a cache. */
final class SimulatedProcess implements Environment {
  private final Scheduler scheduler;
  private final String host;
  final SimulatedStore store;
  final CacheAside<String, String> cache;

  SimulatedProcess(Scheduler scheduler, SimulatedServer server, String host, Features features) {
    this.scheduler = scheduler;
    this.host = host;
    this.store = new SimulatedStore(scheduler, server, host);
    this.cache =
        features
            .on(CacheAside.builder("simulated", Codec.string()))
            .store(store)
            .environment(this)
            .ttl(Duration.ofSeconds(8))
            .absentTtl(Duration.ofSeconds(4))
            .leaseTime(Duration.ofMillis(300))
            .loadTimeout(Duration.ofSeconds(2))
            .loadRetry(RetryPolicy.of(2))
            .build();
  }

  String host() {
    return host;
  }

  AsyncCacheAside<String, String> async() {
    return cache.async();
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
