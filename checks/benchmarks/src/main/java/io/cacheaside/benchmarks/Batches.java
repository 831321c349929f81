package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Chart.Bar;
import io.cacheaside.benchmarks.Chart.Group;
import io.cacheaside.benchmarks.Turns.Cost;
import io.cacheaside.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** Measures hits of many keys at once. */
final class Batches {
  private static final int KEYS = 100;
  private static final double NANOS_PER_MICRO = 1_000;
  private static final String SINGLE = Ours.NAME + ", one by one";

  private Batches() {}

  static void measure(Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    report.begin(
        "Batches",
        """
        %d hits at once by one thread: `getAll`, the same by the peers' own means, and one `get`
        after the other. Lettuce alone sends %d GETs in one write; Jedis, JetCache and Redisson send
        one MGET."""
            .formatted(KEYS, KEYS));
    List<Group> groups = new ArrayList<>();
    for (int orderBytes : new int[] {Order.SMALL_BYTES, Order.LARGE_BYTES}) {
      groups.add(measure(orderBytes, effort, report));
    }
    report.add(new Chart("batch", KEYS + " hits in Redis", "Microseconds; less is better", groups));
  }

  private static Group measure(int orderBytes, Effort effort, Report report)
      throws InterruptedException, ExecutionException {
    String figure = "%d hits, %s".formatted(KEYS, Samples.bytes(orderBytes));
    try (RedisServer server = RedisServer.start();
        Peers peers = Peers.on(server.uri(), orderBytes);
        Race race = new Race(effort, 1)) {
      for (Contender.Bulk each : peers.that(Contender.Bulk.class)) {
        race.enter(each.name(), keys -> check(each.getAll(keys.next(KEYS)).size()));
      }
      Contender ours = peers.that(Ours.class).get(0);
      race.enter(
          SINGLE, keys -> keys.next(KEYS).forEach(key -> Objects.requireNonNull(ours.get(key))));
      Turns turns = race.run(figure);
      turns.names().stream()
          .filter(name -> !name.equals(Ours.NAME))
          .forEach(name -> compare(figure, turns, name, report));
      return new Group(
          Samples.bytes(orderBytes),
          turns.names().stream()
              .map(name -> new Bar(name, turns.value(name, Batches::micros).number()))
              .toList());
    }
  }

  private static void compare(String figure, Turns turns, String other, Report report) {
    if (other.equals(SINGLE)) {
      report.addRatio(
          figure + ", one by one",
          "µs",
          turns.value(SINGLE, Batches::micros),
          "getAll",
          turns.value(Ours.NAME, Batches::micros),
          turns.ratio(SINGLE, Ours.NAME, Cost::nanos),
          Goal.timesAsMany(20));
    } else {
      report.addRatio(
          figure,
          "µs",
          turns.value(Ours.NAME, Batches::micros),
          other,
          turns.value(other, Batches::micros),
          turns.ratio(Ours.NAME, other, Cost::nanos),
          other.equals(RawLettuce.NAME) ? Goal.ratio(1.1) : Goal.NONE);
    }
  }

  private static void check(int found) {
    if (found != KEYS) {
      throw new IllegalStateException(found + " hits");
    }
  }

  private static double micros(Cost cost) {
    return cost.nanos() / NANOS_PER_MICRO;
  }
}
