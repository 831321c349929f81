package io.cacheaside.benchmarks.soak;

import static java.util.concurrent.CompletableFuture.allOf;
import static java.util.concurrent.CompletableFuture.anyOf;
import static java.util.concurrent.CompletableFuture.runAsync;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Two stores with a cache each, on a real server, whose connections are ended now and then. Fails
 * if anything grows over the second half of the run.
 */
final class Soak implements AutoCloseable {
  private static final int THREADS_EACH = 4;

  /** From one call of a thread to the next: a steady rate, for a steady number of keys. */
  private static final Duration CALLS = Duration.ofMillis(10);

  /** A machine that is busy must not look like a store that fails, of which less is stored. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration SAMPLES = Duration.ofSeconds(5);
  private static final int SAMPLES_PER_KILL = 6;
  private static final int SAMPLES_PER_LINE = 6;
  private static final String USAGE =
      """
      Usage: ./check soak [--minutes N]
        Works for N minutes, 30 by default and 1 at least, and samples every 5 s.
        Fails if heap, threads, connections, keys or memory of the server grow.
      """;

  private final RedisServer server = RedisServer.start();
  private final List<RedisStore> stores = new ArrayList<>();
  private final List<Workload> workloads = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<CompletableFuture<Void>> workers = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private volatile boolean ended;

  private Soak() {
    for (int i = 0; i < 2; i++) {
      RedisStore store = RedisStore.builder().uri(server.uri()).commandTimeout(PATIENCE).connect();
      stores.add(store);
      workloads.add(new Workload(store));
    }
  }

  public static void main(String... args) throws Exception {
    Duration duration = duration(args);
    try (Soak soak = new Soak()) {
      soak.work(duration);
      if (!soak.judge()) {
        System.exit(1);
      }
    }
  }

  private static Duration duration(String... args) {
    if (args.length == 0) {
      return Duration.ofMinutes(30);
    }
    if (args.length == 2 && args[0].equals("--minutes") && args[1].matches("[1-9]\\d{0,4}")) {
      return Duration.ofMinutes(Integer.parseInt(args[1]));
    }
    System.err.print(USAGE);
    System.exit(2);
    throw new AssertionError("unreachable");
  }

  private void work(Duration duration) throws InterruptedException, ExecutionException {
    for (int i = 0; i < THREADS_EACH; i++) {
      workloads.forEach(workload -> workers.add(runAsync(() -> work(workload), threads)));
    }
    System.out.println("| time | calls | failed | heap | threads | connections | server | keys |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    long count = duration.dividedBy(SAMPLES);
    for (int i = 1; i <= count; i++) {
      rest();
      samples.add(Sample.take(server));
      if (i % SAMPLES_PER_LINE == 0) {
        System.out.println(line(SAMPLES.multipliedBy(i)));
      }
      if (i % SAMPLES_PER_KILL == 1) {
        server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      }
    }
    ended = true;
    allOf(workers.toArray(CompletableFuture[]::new)).get();
  }

  /** Waits until the next sample; a worker that fails ends the run. */
  private void rest() throws InterruptedException, ExecutionException {
    try {
      anyOf(workers.toArray(CompletableFuture[]::new))
          .get(SAMPLES.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException stillAtWork) {
      return;
    }
  }

  private void work(Workload workload) {
    for (long next = System.nanoTime(); !ended; next += CALLS.toNanos()) {
      workload.step();
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private String line(Duration time) {
    Sample last = samples.get(samples.size() - 1);
    return String.format(
        Locale.ROOT,
        "| %d:%02d | %d | %d | %.1f MiB | %.0f | %.0f | %.1f MiB | %.0f |",
        time.toMinutes(),
        time.toSecondsPart(),
        workloads.stream().mapToLong(Workload::calls).sum(),
        workloads.stream().mapToLong(Workload::failures).sum(),
        last.heapMebibytes(),
        last.threads(),
        last.connections(),
        last.serverMebibytes(),
        last.serverKeys());
  }

  private boolean judge() {
    System.out.println();
    System.out.println(Growth.HEAD);
    Growth.BOUNDS.forEach(growth -> System.out.println(growth.row(samples)));
    return Growth.BOUNDS.stream().allMatch(growth -> growth.isWithinBound(samples));
  }

  @Override
  public void close() {
    ended = true;
    threads.shutdown();
    workloads.forEach(Workload::close);
    stores.forEach(RedisStore::close);
    server.close();
  }
}
