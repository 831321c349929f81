package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Chart.Bar;
import io.cacheaside.benchmarks.Chart.Group;
import io.cacheaside.benchmarks.Turns.Cost;
import io.cacheaside.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/** Measures hits in Redis by threads that wait for them. */
final class RemoteHits {
  private static final double NANOS_PER_MICRO = 1_000;
  private static final int FEW_THREADS = 8;
  private static final int MANY_THREADS = 128;

  private final Effort effort;
  private final Report report;
  private final List<Group> groups = new ArrayList<>();

  private RemoteHits(Effort effort, Report report) {
    this.effort = effort;
    this.report = report;
  }

  static void measure(Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    report.begin(
        "Remote hit",
        """
        A blocking read of a value that is in Redis and not near: time of a thread for one read, and
        what all threads of the process allocate for it.""");
    RemoteHits hits = new RemoteHits(effort, report);
    hits.run(Order.SMALL_BYTES, 1, FEW_THREADS, MANY_THREADS);
    hits.run(Order.LARGE_BYTES, 1, FEW_THREADS, MANY_THREADS);
    report.add(
        new Chart(
            "remote-hit",
            "A hit in Redis",
            "Thousands of reads per second; more is better",
            hits.groups));
  }

  private void run(int orderBytes, int... threadCounts)
      throws InterruptedException, ExecutionException {
    try (RedisServer server = RedisServer.start();
        Peers peers = Peers.on(server.uri(), orderBytes)) {
      try (Race race = race(peers, FEW_THREADS)) {
        race.warmUp(effort.firstLaps());
      }
      for (int threads : threadCounts) {
        String figure = "%s, %s".formatted(Samples.bytes(orderBytes), Hits.named(threads));
        try (Race race = race(peers, threads)) {
          add(figure, threads, race.run("Remote hit, " + figure));
        }
      }
    }
  }

  private Race race(Peers peers, int threads) {
    Race race = new Race(effort, threads);
    for (Contender each : peers.all()) {
      race.enter(each.name(), keys -> Objects.requireNonNull(each.get(keys.next())));
    }
    return race;
  }

  private void add(String figure, int threads, Turns turns) {
    List<String> others =
        turns.names().stream()
            .filter(name -> !name.equals(Ours.NAME) && !name.equals(RawLettuce.NAME))
            .toList();
    String best = turns.cheapest(others);
    if (threads == MANY_THREADS) {
      compareThroughput(figure, threads, turns, RawLettuce.NAME, Goal.timesAsMany(1.6));
      compareThroughput(figure, threads, turns, best, Goal.timesAsMany(1.5));
    } else {
      compareTimes(figure, turns, RawLettuce.NAME, Goal.ratio(1.05));
      compareTimes(figure, turns, best, Goal.ratio(1));
    }
    report.addDifference(
        "Remote hit, " + figure + ": allocation",
        "B/op",
        turns.value(Ours.NAME, Cost::bytes),
        RawLettuce.NAME,
        turns.value(RawLettuce.NAME, Cost::bytes),
        Goal.bytesMore(200));
    addAll(figure, threads, turns);
    groups.add(
        new Group(
            figure,
            turns.names().stream()
                .map(
                    name ->
                        new Bar(
                            name, turns.value(name, c -> thousandsPerSecond(c, threads)).number()))
                .toList()));
  }

  private void addAll(String figure, int threads, Turns turns) {
    report.addTable(
        List.of(
            figure,
            "µs (spread)",
            "cache-aside takes × of that (spread)",
            "p99, µs",
            "thousands/s",
            "B/op"),
        turns.names().stream()
            .map(
                name ->
                    List.of(
                        name,
                        turns.value(name, RemoteHits::micros).text(),
                        turns.ratio(Ours.NAME, name, Cost::nanos).text(),
                        text(turns, name, cost -> cost.p99Nanos() / NANOS_PER_MICRO),
                        text(turns, name, cost -> thousandsPerSecond(cost, threads)),
                        text(turns, name, Cost::bytes)))
            .toList());
  }

  private static String text(Turns turns, String name, ToDoubleFunction<Cost> part) {
    return Samples.format(turns.value(name, part).number());
  }

  static double thousandsPerSecond(Cost cost, int threads) {
    return threads * 1_000_000 / cost.nanos();
  }

  private void compareTimes(String figure, Turns turns, String other, Goal goal) {
    report.addRatio(
        "Remote hit, " + figure,
        "µs",
        turns.value(Ours.NAME, RemoteHits::micros),
        other,
        turns.value(other, RemoteHits::micros),
        turns.ratio(Ours.NAME, other, Cost::nanos),
        goal);
  }

  private void compareThroughput(String figure, int threads, Turns turns, String other, Goal goal) {
    report.addRatio(
        "Remote hits, " + figure,
        "thousands/s",
        turns.value(Ours.NAME, cost -> thousandsPerSecond(cost, threads)),
        other,
        turns.value(other, cost -> thousandsPerSecond(cost, threads)),
        turns.ratio(other, Ours.NAME, Cost::nanos),
        goal);
  }

  private static double micros(Cost cost) {
    return cost.nanos() / NANOS_PER_MICRO;
  }
}
