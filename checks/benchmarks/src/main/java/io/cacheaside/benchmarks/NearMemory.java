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
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jol.info.GraphLayout;

/**
 * Measures the memory of a near entry: of a whole cache with everything near, less the same cache
 * without a near cache, less a Caffeine cache with the same keys and values. The main method does
 * it, in a JVM of its own.
 */
final class NearMemory {
  private static final int ENTRIES = 10_000;
  private static final int FEW_ENTRIES = 10;
  private static final int ROUNDS = 3;

  /** Begins the lines with results; JOL prints others. */
  private static final String BYTES = "bytes ";

  private NearMemory() {}

  static void measure(Report report) throws IOException {
    report.begin(
        "Memory of a near entry",
        """
        What a near entry takes in the process, all in all, beyond an entry of Caffeine.""");
    List<Double> bytes = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      bytes.add(inAnotherJvm());
    }
    Benchmarks.progress("Memory of a near entry beyond Caffeine's: %s B", bytes);
    report.add(
        "Memory of a near entry beyond Caffeine's",
        "B",
        Value.medianOf(Samples.of(bytes)),
        Goal.atMost(64, "B"));
  }

  private static double inAnotherJvm() throws IOException {
    Process process = Jvm.other(NearMemory.class).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
      return output
          .lines()
          .filter(line -> line.startsWith(BYTES))
          .mapToDouble(line -> Double.parseDouble(line.substring(BYTES.length())))
          .findFirst()
          .orElseThrow();
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Prints the bytes beyond Caffeine's for each entry. Few entries go before, to load the classes,
   * which the walk meets too; as it may meet what is left of them.
   */
  public static void main(String... args) {
    bytesBeyondCaffeine(FEW_ENTRIES);
    System.out.println(BYTES + bytesBeyondCaffeine(ENTRIES));
  }

  private static double bytesBeyondCaffeine(int entries) {
    InMemoryStore store = InMemoryStore.builder().build();
    String[] keys = Keys.all(entries);
    long without;
    try (CacheAside<String, String> cache = on(store).build()) {
      for (String key : keys) {
        cache.put(key, "value of " + key);
      }
      without = bytesOf(cache);
    }
    try (CacheAside<String, String> cache =
        on(store).nearCache(NearCache.ofEntries(entries)).build()) {
      Cache<String, String> caffeine =
          Caffeine.newBuilder().executor(Runnable::run).maximumSize(entries).build();
      for (String key : keys) {
        String value = cache.get(key, k -> null);
        if (value == null) {
          throw new IllegalStateException(key + " is not in the store");
        }
        caffeine.put(key, value);
      }
      check(cache.stats().nearEntries(), entries);
      check(caffeine.estimatedSize(), entries);
      return (double) (bytesOf(cache) - without - bytesOf(caffeine)) / entries;
    }
  }

  private static CacheAsideBuilder<String, String> on(InMemoryStore store) {
    return CacheAside.builder("users", Codec.string()).store(store);
  }

  private static void check(long found, int entries) {
    if (found != entries) {
      throw new IllegalStateException("there are " + found + " entries");
    }
  }

  private static long bytesOf(Object root) {
    return GraphLayout.parseInstance(root).totalSize();
  }
}
