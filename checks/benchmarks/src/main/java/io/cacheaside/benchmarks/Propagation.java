package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Measures how long a near value is still used in another JVM after its invalidation has returned
 * in this one. The main method is the other JVM: it reads a near value without a pause, and says
 * when it began the first read that did not get it.
 *
 * <p>Negative where the other JVM was told before the invalidation returned. The times of both are
 * compared as in {@link WaitingJvm}.
 */
final class Propagation {
  private static final int ROUNDS_EACH = 10;
  private static final int SETTLE_MILLIS = 20;
  private static final double NANOS_PER_MICRO = 1_000;
  private static final String NEAR = "near";
  private static final String KEY = "user";

  private Propagation() {}

  static void measure(Effort effort, Report report) throws IOException, InterruptedException {
    report.begin(
        "Propagation to near caches",
        """
        How long a near value is still used in another JVM after its invalidation has returned here.
        Negative where the other one was told before.""");
    List<Double> micros = new ArrayList<>();
    List<Double> pings = new ArrayList<>();
    try (RedisServer server = RedisServer.start();
        RedisStore store = Ours.store(server.uri());
        CacheAside<String, String> cache =
            CacheAside.builder("users", Codec.string()).store(store).build();
        RedisClient client = RedisClient.create(server.uri())) {
      Process reading = Jvm.other(Propagation.class, server.uri()).start();
      RedisCommands<String, String> commands = client.connect().sync();
      try (BufferedReader output = reading.inputReader(StandardCharsets.US_ASCII);
          BufferedWriter input = reading.outputWriter(StandardCharsets.US_ASCII)) {
        for (int i = -effort.wakeWarmups(); i < ROUNDS_EACH * effort.wakes(); i++) {
          double measured = measure(cache, output, input, i < 0 ? 0 : SETTLE_MILLIS);
          double ping = ping(commands);
          if (i >= 0) {
            micros.add(measured);
            pings.add(ping);
          }
        }
      } finally {
        reading.destroyForcibly().onExit().join();
      }
    }
    report(Samples.of(micros), Samples.of(pings), report);
  }

  private static double measure(
      CacheAside<String, String> cache,
      BufferedReader output,
      BufferedWriter input,
      int settleMillis)
      throws IOException, InterruptedException {
    input.append('\n').flush();
    if (!NEAR.equals(output.readLine())) {
      throw new IllegalStateException("the JVM that reads has ended");
    }
    Thread.sleep(settleMillis);
    cache.invalidate(KEY);
    long returnedNanos = System.nanoTime();
    String droppedNanos = Objects.requireNonNull(output.readLine(), "the JVM that reads has ended");
    return (Long.parseLong(droppedNanos) - returnedNanos) / NANOS_PER_MICRO;
  }

  private static double ping(RedisCommands<String, String> commands) {
    long began = System.nanoTime();
    commands.ping();
    return (System.nanoTime() - began) / NANOS_PER_MICRO;
  }

  private static void report(Samples micros, Samples pings, Report report) {
    Benchmarks.progress("Propagation: %s µs", micros.spread());
    Value ping = Value.medianOf(pings);
    for (double percent : new double[] {50, 90, 99, 99.9, 100}) {
      Value value = new Value(micros.percentile(percent), "");
      report.addRatio(
          "From an invalidation to the last near read elsewhere: %s %%"
              .formatted(Samples.format(percent)),
          "µs",
          value,
          "PING",
          ping,
          new Value(value.number() / ping.number(), ""),
          Goal.NONE);
    }
  }

  /** Brings the key near for each line that comes in, and waits until it is not near any more. */
  public static void main(String... args) throws IOException {
    try (RedisStore store = Ours.store(args[0]);
        CacheAside<String, String> cache =
            CacheAside.builder("users", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(10))
                .build();
        BufferedReader rounds =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      while (rounds.readLine() != null) {
        long before = cache.stats().nearHits();
        while (cache.stats().nearHits() == before) {
          cache.get(KEY, key -> "value");
        }
        System.out.println(NEAR);
        System.out.println(dropped(cache));
      }
    }
  }

  private static long dropped(CacheAside<String, String> cache) {
    boolean[] loaded = {false};
    long startNanos;
    do {
      startNanos = System.nanoTime();
      cache.get(
          KEY,
          key -> {
            loaded[0] = true;
            return "value";
          });
    } while (!loaded[0]);
    return startNanos;
  }
}
