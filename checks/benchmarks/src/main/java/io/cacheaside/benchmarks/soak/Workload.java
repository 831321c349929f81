package io.cacheaside.benchmarks.soak;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideException;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cache in constant use. Most keys come again and again; some are used once and never more, so
 * that whatever is kept for a key adds up. Thread-safe.
 */
final class Workload implements AutoCloseable {
  private static final int KEYS = 2_000;
  private static final int NEAR_ENTRIES = 500;
  private static final int GROUPS = 20;
  private static final int BATCH = 10;
  private static final Duration TTL = Duration.ofSeconds(3);

  private final CacheAside<String, String> cache;
  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();

  Workload(Store store) {
    cache =
        CacheAside.builder("soak", Codec.string())
            .store(store)
            .nearCache(NearCache.ofEntries(NEAR_ENTRIES).withAbsences())
            .tags(key -> List.of("group" + Math.floorMod(key.hashCode(), GROUPS)))
            .ttl(TTL)
            .absentTtl(TTL)
            .staleWhileRevalidate(TTL)
            .staleIfError(TTL)
            .build();
  }

  /**
   * Makes a random call.
   *
   * @throws IllegalStateException a read returned the value of another key
   */
  void step() {
    calls.increment();
    try {
      call(ThreadLocalRandom.current().nextInt(100), key());
    } catch (CacheAsideException | StoreException failed) {
      failures.increment();
    }
  }

  private void call(int chance, String key) {
    if (chance < 60) {
      check(key, cache.get(key, Workload::load));
    } else if (chance < 70) {
      check(key, cache.async().get(key, Workload::loadAsync).handle((value, e) -> value).join());
    } else if (chance < 75) {
      cache.getAll(keys(), wanted -> Map.of());
    } else if (chance < 80) {
      cache.get("absent-" + key, absent -> null);
    } else if (chance < 88) {
      cache.invalidate(key);
    } else if (chance < 92) {
      cache.writeThenInvalidate(key, () -> key);
    } else if (chance < 95) {
      cache.update(key, old -> old);
    } else if (chance < 98) {
      cache.markStale(key);
    } else {
      cache.invalidateTag("group" + ThreadLocalRandom.current().nextInt(GROUPS));
    }
  }

  private static String key() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return random.nextInt(4) == 0 ? "once-" + random.nextLong() : "k" + random.nextInt(KEYS);
  }

  private static List<String> keys() {
    return IntStream.range(0, BATCH).mapToObj(i -> key()).distinct().toList();
  }

  private static String load(String key) {
    return key + " has a value";
  }

  private static CompletableFuture<String> loadAsync(String key) {
    return CompletableFuture.completedFuture(load(key));
  }

  private static void check(String key, @Nullable String value) {
    if (value != null && !value.startsWith(key + " ")) {
      throw new IllegalStateException("a read of " + key + " returned " + value);
    }
  }

  long calls() {
    return calls.sum();
  }

  long failures() {
    return failures.sum();
  }

  @Override
  public void close() {
    cache.close();
  }
}
