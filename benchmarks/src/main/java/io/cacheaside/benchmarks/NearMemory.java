package io.cacheaside.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.NearCache;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openjdk.jol.info.GraphLayout;

/**
 * Measures the memory of a near entry: of a whole cache with everything near, less the same cache
 * without a near cache, less a Caffeine cache with the same keys and values. The main method does
 * it, in a JVM of its own.
 */
final class NearMemory {
  private static final int ENTRIES = 10_000;
  private static final int ROUNDS = 3;

  /** Begins the lines with results; JOL prints others. */
  private static final String BYTES = "bytes ";

  private NearMemory() {}

  static void measure(Report report) throws IOException {
    report.begin(
        "Memory of a near entry",
        """
        What a near entry takes in the process, all in all, beyond an entry of Caffeine.""");
    Process process = Jvm.other(NearMemory.class).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
      List<Double> bytes =
          output
              .lines()
              .filter(line -> line.startsWith(BYTES))
              .map(line -> Double.valueOf(line.substring(BYTES.length())))
              .toList();
      Benchmarks.progress("Memory of a near entry beyond Caffeine's: %s B", bytes);
      report.add(
          "Memory of a near entry beyond Caffeine's",
          "B",
          Value.medianOf(Samples.of(bytes)),
          Goal.atMost(64, "B"));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Prints the bytes beyond Caffeine's for each entry, once for every round. */
  public static void main(String... args) {
    bytesBeyondCaffeine(); // loads the classes, which the walk meets too
    for (int round = 0; round < ROUNDS; round++) {
      System.out.println(BYTES + bytesBeyondCaffeine());
    }
  }

  private static double bytesBeyondCaffeine() {
    InMemoryStore store = InMemoryStore.builder().build();
    String[] keys = Keys.all(ENTRIES);
    long without;
    try (CacheAside<String, String> cache = on(store).build()) {
      for (String key : keys) {
        cache.put(key, "value of " + key);
      }
      without = bytesOf(cache);
    }
    try (CacheAside<String, String> cache =
        on(store).nearCache(NearCache.ofEntries(ENTRIES)).build()) {
      Cache<String, String> caffeine =
          Caffeine.newBuilder().executor(Runnable::run).maximumSize(ENTRIES).build();
      for (String key : keys) {
        String value = cache.get(key, k -> null);
        if (value == null) {
          throw new IllegalStateException(key + " is not in the store");
        }
        caffeine.put(key, value);
      }
      check(cache.stats().nearEntries());
      check(caffeine.estimatedSize());
      return (double) (bytesOf(cache) - without - bytesOf(caffeine)) / ENTRIES;
    }
  }

  private static CacheAsideBuilder<String, String> on(InMemoryStore store) {
    return CacheAside.builder("users", Codec.string()).store(store);
  }

  private static void check(long entries) {
    if (entries != ENTRIES) {
      throw new IllegalStateException("there are " + entries + " entries");
    }
  }

  private static long bytesOf(Object root) {
    return GraphLayout.parseInstance(root).totalSize();
  }
}
