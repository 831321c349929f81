package io.cacheaside.simulation.world;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.RetryPolicy;
import io.cacheaside.WaitInterruptedException;
import io.cacheaside.codec.Codec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One process of the simulation: an environment, a connection, a cache. */
public final class SimulatedProcess {
  /** The name of the cache that is tested. */
  public static final String CACHE = "simulated";

  /** The name of the other cache; it begins as the name of the one that is tested does. */
  public static final String NEIGHBOUR = "simulated-too";

  public static final Duration LOAD_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LEASE = Duration.ofMillis(300);
  private static final Duration LONG_LEASE = Duration.ofSeconds(5);
  private static final int SHAPES = 2;

  private static final Duration ABSENT_TTL = Duration.ofSeconds(4);

  /** The least that is left of that by the jitter of a tenth that caches have by default. */
  public static final Duration SHORTEST_TTL = ABSENT_TTL.multipliedBy(9).dividedBy(10);

  private final Scheduler scheduler;
  private final String host;
  private final int shape;
  private final ClusterStore store;
  private final CacheAside<String, String> cache;
  private final CacheAside<String, String> neighbour;
  private final VirtualEnvironment environment;
  private int pending;
  private boolean killed;
  private @Nullable SimulatedProcess successor;

  SimulatedProcess(Scheduler scheduler, SimulatedCluster cluster, int number, Features features) {
    this.scheduler = scheduler;
    this.host = "process-" + number;
    this.shape = features.shapes() ? number % SHAPES : 0;
    this.store = new ClusterStore(scheduler, cluster, host, features);
    this.environment = new VirtualEnvironment(scheduler, host);
    this.cache =
        features
            .on(CacheAside.builder(CACHE, features.shapes() ? codec() : Codec.string()))
            .store(store)
            .environment(environment)
            .ttl(Duration.ofSeconds(8))
            .absentTtl(ABSENT_TTL)
            .leaseTime(features.hangs() ? LONG_LEASE : LEASE)
            .loadTimeout(LOAD_TIMEOUT)
            .loadRetry(RetryPolicy.of(2))
            .build();
    this.neighbour =
        CacheAside.builder(NEIGHBOUR, Codec.string())
            .store(store)
            .environment(environment)
            .ttl(Duration.ofDays(1))
            .build();
  }

  private Codec<String> codec() {
    return new ShapedCodec((char) ('A' + shape));
  }

  /** Returns the number of the version of the class that this process has. */
  public int shape() {
    return shape;
  }

  /** Lets an error meet this process at one of its next calls. */
  public void failCall(int number) {
    environment.failCall(number);
  }

  public String host() {
    return host;
  }

  public ClusterStore store() {
    return store;
  }

  /** Returns how many reads so far have ended with a near value. */
  public long nearHits() {
    return cache.stats().nearHits();
  }

  public AsyncCacheAside<String, String> async() {
    return cache.async();
  }

  /** Returns the cache that shares the store with the one that is tested, under another name. */
  public AsyncCacheAside<String, String> neighbour() {
    return neighbour.async();
  }

  /** Returns what is supplied in this process within a while. */
  public <T> CompletableFuture<T> later(Duration within, Supplier<T> supplier) {
    CompletableFuture<T> result = new CompletableFuture<>();
    scheduler.after(host, scheduler.upTo(within), () -> result.complete(supplier.get()));
    return result;
  }

  /** Counts an operation that begins; returns whether this process lives. */
  public boolean begin() {
    if (!killed) {
      pending++;
    }
    return !killed;
  }

  /** Counts an operation that has ended; returns whether this process lives. */
  public boolean end() {
    if (!killed) {
      pending--;
    }
    return !killed;
  }

  /** Ends this process, as SIGKILL would; returns how many operations had not ended. */
  int kill() {
    killed = true;
    store.cut();
    scheduler.kill(host);
    return pending;
  }

  /**
   * Closes the cache that is tested, without waiting for what is under way: that has to end now.
   */
  void close(SimulatedProcess next) {
    successor = next;
    Thread.currentThread().interrupt();
    try {
      cache.close();
    } catch (WaitInterruptedException expected) {
      // The flag is cleared below.
    } finally {
      Thread.interrupted();
    }
  }

  public boolean isClosed() {
    return successor != null;
  }

  /** Returns this process, or the one in its place if it was closed. */
  public SimulatedProcess open() {
    return successor == null ? this : successor.open();
  }
}
