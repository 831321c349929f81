package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.benchmarks.Turns.Cost;
import io.cacheaside.testkit.RedisServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/** Measures how many reads of one key at the same time reach the server. */
final class HotKey {
  private static final int VIRTUAL_THREADS = 1_000;
  private static final int PLATFORM_THREADS = 256;
  private static final int FIRST_VIRTUAL = 21;
  private static final double NANOS_PER_MILLI = 1_000_000;
  private static final String MANY_KEYS = Ours.NAME + ", " + Keys.COUNT + " keys";

  private HotKey() {}

  /** Reads that were called, and the GETs that the server saw of them. */
  private record Counted(Race.Work work, LongAdder calls) {
    static Counted of(Race.Work work) {
      LongAdder calls = new LongAdder();
      return new Counted(
          keys -> {
            work.run(keys);
            calls.increment();
          },
          calls);
    }
  }

  static void measure(Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    boolean virtual = Runtime.version().feature() >= FIRST_VIRTUAL;
    int threads = virtual ? VIRTUAL_THREADS : PLATFORM_THREADS;
    report.begin(
        "Hot key",
        """
        %d %s threads read one key without a near cache; for comparison they read %d keys, which
        leaves nothing to share. Virtual threads need Java %d."""
            .formatted(threads, virtual ? "virtual" : "platform", Keys.COUNT, FIRST_VIRTUAL));
    String key = Keys.all()[0];
    try (RedisServer server = RedisServer.start();
        Ours ours = Ours.on(server);
        RawLettuce lettuce = new RawLettuce(server.uri())) {
      for (String each : Keys.all()) {
        ours.put(each, Order.of(each, Order.SMALL_BYTES));
      }
      lettuce.put(key, Order.of(key, Order.SMALL_BYTES));
      Map<String, Race.Work> works = new LinkedHashMap<>();
      works.put(Ours.NAME, keys -> Objects.requireNonNull(ours.get(key)));
      works.put(MANY_KEYS, keys -> Objects.requireNonNull(ours.get(keys.next())));
      works.put(RawLettuce.NAME, keys -> Objects.requireNonNull(lettuce.get(key)));
      report(works.keySet().stream().toList(), race(works, threads, virtual, effort), report);
      countGets(server, works, threads, virtual, effort, report);
    }
  }

  private static Turns race(
      Map<String, Race.Work> works, int threads, boolean virtual, Effort effort)
      throws InterruptedException, ExecutionException {
    try (Race race = new Race(effort, threads, callers(threads, virtual))) {
      works.forEach(race::enter);
      return race.run("Hot key");
    }
  }

  private static void report(List<String> names, Turns turns, Report report) {
    for (String other : names.subList(1, names.size())) {
      report.addRatio(
          "Hot key: p99",
          "ms",
          turns.value(Ours.NAME, HotKey::p99Millis),
          other,
          turns.value(other, HotKey::p99Millis),
          turns.ratio(Ours.NAME, other, Cost::p99Nanos),
          other.equals(MANY_KEYS) ? Goal.ratio(1) : Goal.NONE);
    }
  }

  private static void countGets(
      RedisServer server,
      Map<String, Race.Work> works,
      int threads,
      boolean virtual,
      Effort effort,
      Report report)
      throws InterruptedException, ExecutionException {
    for (Map.Entry<String, Race.Work> each : works.entrySet()) {
      Counted counted = Counted.of(each.getValue());
      long before = server.commandCalls("getrange");
      race(Map.of(each.getKey(), counted.work()), threads, virtual, effort);
      double gets = server.commandCalls("getrange") - before;
      report.add(
          "Hot key: GETs for each read, " + each.getKey(),
          "",
          new Value(gets / counted.calls().sum(), ""),
          each.getKey().equals(Ours.NAME) ? Goal.atMost(0.1, "") : Goal.NONE);
    }
  }

  private static double p99Millis(Cost cost) {
    return cost.p99Nanos() / NANOS_PER_MILLI;
  }

  private static ExecutorService callers(int threads, boolean virtual) {
    if (!virtual) {
      return Executors.newFixedThreadPool(threads);
    }
    try {
      return (ExecutorService)
          Objects.requireNonNull(
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no virtual threads", e);
    }
  }
}
