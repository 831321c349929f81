package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.testkit.RedisServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Measures invalidations of many entries at once, and what entries without tags pay for them. */
final class Clearing {
  private static final int FEW = 1_000;
  private static final int BATCH = 1_000;
  private static final int ROUNDS = 5;
  private static final int READS = 2_000;
  private static final String TAG = "all";
  private static final double NANOS_PER_MILLI = 1_000_000;
  private static final String SLOW_MICROS = "1000";

  private Clearing() {}

  static void measure(Effort effort, Report report) {
    report.begin(
        "Invalidating many entries",
        """
        The time of `invalidateTag`, and of `clear` in a cache with `instantClear`, by the number of
        entries that it is about. What `invalidateMatching` does to the server: the commands that
        blocked it for more than 1 ms, by its slow log; that counts wall-clock time, so a busy machine
        adds to it, also for GETs that do nothing. And the commands that a hit takes.""");
    measure(FEW, report);
    measure(effort.entries(), report);
    try (RedisServer server = RedisServer.start()) {
      hits(server, report);
    }
  }

  private static void measure(int entries, Report report) {
    try (RedisServer server = RedisServer.start();
        Ours tagged =
            new Ours(server.uri(), options -> options.tags(key -> List.of(TAG)).instantClear())) {
      CacheAside<String, Order> cache = tagged.cache();
      fill(cache, entries);
      String figure = String.format(Locale.ROOT, "%,d entries: ", entries);
      Goal goal = Goal.atMost(5, "ms");
      report.add(
          figure + "invalidateTag", "ms", timed(cache, () -> cache.invalidateTag(TAG)), goal);
      report.add(figure + "clear", "ms", timed(cache, cache::clear), goal);
      patterns(figure, server, cache, report);
    }
  }

  private static void patterns(
      String figure, RedisServer server, CacheAside<String, Order> cache, Report report) {
    server.command("CONFIG", "SET", "slowlog-log-slower-than", SLOW_MICROS);
    server.command("SLOWLOG", "RESET");
    long began = System.nanoTime();
    long removed = cache.invalidateMatching("*");
    double millis = (System.nanoTime() - began) / NANOS_PER_MILLI;
    List<String> slow = slowCommands(server);
    Benchmarks.progress("%s%d removed in %s ms, slow: %s", figure, removed, millis, slow);
    report.add(figure + "invalidateMatching", "ms", new Value(millis, ""), Goal.NONE);
    report.add(
        figure + "invalidateMatching, commands that blocked the server for more than 1 ms",
        "",
        new Value(slow.size(), ""),
        Goal.atMost(0, "commands"));
    server.command("SLOWLOG", "RESET");
    readAbsent(server, (int) removed);
    report.add(
        "%sas many GETs, commands that took more than 1 ms".formatted(figure),
        "",
        new Value(slowCommands(server).size(), ""),
        Goal.NONE);
    for (String command : List.of("scan", "unlink")) {
      report.add(
          "%sinvalidateMatching, one %s".formatted(figure, command.toUpperCase(Locale.ROOT)),
          "µs",
          new Value(microsEach(server, command), ""),
          Goal.NONE);
    }
  }

  private static void readAbsent(RedisServer server, int times) {
    List<String> batch = Collections.nCopies(BATCH, "absent");
    try (RawLettuce lettuce = new RawLettuce(server.uri())) {
      for (int i = 0; i < times; i += BATCH) {
        lettuce.getAll(batch);
      }
    }
  }

  /** Name and microseconds of each. */
  private static List<String> slowCommands(RedisServer server) {
    List<?> entries = (List<?>) Objects.requireNonNull(server.command("SLOWLOG", "GET", "-1"));
    return entries.stream()
        .map(entry -> (List<?>) entry)
        .map(entry -> ((List<?>) entry.get(3)).get(0) + " " + entry.get(2))
        .toList();
  }

  private static double microsEach(RedisServer server, String command) {
    String stats =
        server.info("commandstats").getOrDefault("cmdstat_" + command, "usec_per_call=0");
    return Double.parseDouble(stats.replaceFirst(".*usec_per_call=([0-9.]+).*", "$1"));
  }

  private static void fill(CacheAside<String, Order> cache, int entries) {
    for (int first = 0; first < entries; first += BATCH) {
      Map<String, Order> orders = new HashMap<>();
      for (int i = first; i < first + BATCH; i++) {
        orders.put("order-" + i, new Order("order-" + i, "somebody", List.of(), ""));
      }
      cache.putAll(orders);
    }
    Benchmarks.progress("Invalidating: %,d entries are there", entries);
  }

  private static Value timed(CacheAside<String, Order> cache, Runnable invalidation) {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      cache.put("another", Order.of("another", Order.SMALL_BYTES)); // under ids that are there
      long began = System.nanoTime();
      invalidation.run();
      millis.add((System.nanoTime() - began) / NANOS_PER_MILLI);
    }
    return Value.medianOf(Samples.of(millis));
  }

  private static void hits(RedisServer server, Report report) {
    try (Ours plain = Ours.on(server)) {
      report.add(
          "Commands for a hit, without tags",
          "",
          commands(server, plain),
          Goal.atMost(1, "commands"));
    }
    try (Ours tagged = new Ours(server.uri(), options -> options.tags(key -> List.of(TAG)))) {
      report.add("Commands for a hit, one tag", "", commands(server, tagged), Goal.NONE);
    }
    try (Ours cleared = new Ours(server.uri(), options -> options.instantClear())) {
      report.add("Commands for a hit, instantClear", "", commands(server, cleared), Goal.NONE);
    }
  }

  private static Value commands(RedisServer server, Ours cache) {
    cache.put("order", Order.of("order", Order.SMALL_BYTES));
    Objects.requireNonNull(cache.get("order"));
    long before = gets(server);
    for (int i = 0; i < READS; i++) {
      Objects.requireNonNull(cache.get("order"));
    }
    return new Value((double) (gets(server) - before) / READS, "");
  }

  private static long gets(RedisServer server) {
    return server.commandCalls("getrange") + server.commandCalls("mget");
  }
}
