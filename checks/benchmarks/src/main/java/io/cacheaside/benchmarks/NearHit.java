package io.cacheaside.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.Loader;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A hit of the near cache, and a hit of Caffeine alone. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NearHit {
  /** Holds all keys and is more than half full: from then on Caffeine counts reads. */
  private static final int MAX_ENTRIES = Keys.COUNT * 5 / 4;

  private static final Duration TTL = Duration.ofHours(1);

  private static final Loader<String, String> NOTHING = key -> null;

  /** A cache whose keys are all near. */
  @State(Scope.Benchmark)
  public static class Ours {
    final CacheAside<String, String> cache =
        CacheAside.builder("users", Codec.string())
            .ttl(TTL)
            .nearCache(NearCache.ofEntries(MAX_ENTRIES))
            .build();

    public Ours() {
      for (String key : Keys.all()) {
        cache.put(key, "value of " + key);
      }
      for (String key : Keys.all()) {
        cache.get(key, NOTHING);
      }
    }

    /** Fails if anything but near hits was measured. */
    @TearDown
    public void close() {
      CacheStats stats = cache.stats();
      cache.close();
      if (stats.hits() - stats.nearHits() > Keys.COUNT || stats.misses() > 0) {
        throw new IllegalStateException("not all reads were near: " + stats);
      }
    }
  }

  /** Caffeine with a bound, and nothing else. */
  @State(Scope.Benchmark)
  public static class Bounded {
    final Cache<String, String> cache =
        filled(Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build());
  }

  /** Caffeine with a bound and a time to live, which has to read a clock. */
  @State(Scope.Benchmark)
  public static class Expiring {
    final Cache<String, String> cache =
        filled(Caffeine.newBuilder().maximumSize(MAX_ENTRIES).expireAfterWrite(TTL).build());
  }

  /** A library with a level in the process, whose keys are all there. */
  abstract static class Local {
    private final RedisServer server = RedisServer.start();
    final Contender contender = on(server.uri());

    Local() {
      for (String key : Keys.all()) {
        contender.put(key, Order.of(key, Order.SMALL_BYTES));
        contender.get(key);
      }
    }

    abstract Contender on(String redisUri);

    @TearDown
    public void close() {
      contender.close();
      server.close();
    }
  }

  /** JetCache with a level in the process. */
  @State(Scope.Benchmark)
  public static class TwoLevels extends Local {
    @Override
    Contender on(String redisUri) {
      return JetCache.twoLevels("two levels", MAX_ENTRIES, redisUri);
    }
  }

  /** A local map of Redisson. */
  @State(Scope.Benchmark)
  public static class LocalMap extends Local {
    @Override
    Contender on(String redisUri) {
      return new RedissonMap("local map", MAX_ENTRIES, redisUri);
    }
  }

  private static Cache<String, String> filled(Cache<String, String> cache) {
    for (String key : Keys.all()) {
      cache.put(key, "value of " + key);
    }
    return cache;
  }

  @Benchmark
  public @Nullable String ours(Ours ours, Keys keys) {
    return ours.cache.get(keys.next(), NOTHING);
  }

  @Benchmark
  public @Nullable String bounded(Bounded caffeine, Keys keys) {
    return caffeine.cache.getIfPresent(keys.next());
  }

  @Benchmark
  public @Nullable String expiring(Expiring caffeine, Keys keys) {
    return caffeine.cache.getIfPresent(keys.next());
  }

  @Benchmark
  public @Nullable Object jetcache(TwoLevels peer, Keys keys) {
    return peer.contender.get(keys.next());
  }

  @Benchmark
  public @Nullable Object redisson(LocalMap peer, Keys keys) {
    return peer.contender.get(keys.next());
  }
}
