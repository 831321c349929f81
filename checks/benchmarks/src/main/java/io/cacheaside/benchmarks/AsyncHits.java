package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Chart.Bar;
import io.cacheaside.benchmarks.Chart.Group;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.benchmarks.Turns.Cost;
import io.cacheaside.testkit.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/** Measures hits in Redis by one thread that does not wait, with many reads in flight. */
final class AsyncHits {
  private static final int IN_FLIGHT = 512;
  private static final String SERVER = "redis-benchmark -P 32";

  private AsyncHits() {}

  static void measure(Effort effort, Report report)
      throws InterruptedException, ExecutionException, IOException {
    report.begin(
        "Asynchronous hits",
        """
        One thread begins reads, and waits only while %d of them are in flight. Next to it, what
        the server can do at most: `redis-benchmark` of the same server's maker with 50 connections
        and 32 commands in each write, decoding nothing."""
            .formatted(IN_FLIGHT));
    List<Group> groups = new ArrayList<>();
    for (int orderBytes : new int[] {Order.SMALL_BYTES, Order.LARGE_BYTES}) {
      groups.add(measure(orderBytes, effort, report));
    }
    report.add(
        new Chart(
            "async-hit",
            "Asynchronous hits in Redis, %d in flight".formatted(IN_FLIGHT),
            "Thousands of reads per second; more is better",
            groups));
  }

  private static Group measure(int orderBytes, Effort effort, Report report)
      throws InterruptedException, ExecutionException, IOException {
    String figure = "Asynchronous hits, " + Samples.bytes(orderBytes);
    try (RedisServer server = RedisServer.start();
        Peers peers = Peers.on(server.uri(), orderBytes);
        Race race = new Race(effort, 1)) {
      for (Contender.Async each : peers.that(Contender.Async.class)) {
        race.enter(each.name(), new InFlight(each));
      }
      Turns turns = race.run(figure);
      List<Bar> bars = new ArrayList<>();
      for (String name : turns.names()) {
        bars.add(new Bar(name, turns.value(name, AsyncHits::thousands).number()));
        if (!name.equals(Ours.NAME)) {
          compare(figure, turns, name, report);
        }
      }
      OptionalDouble most = ServerLimit.thousandsOfGetsPerSecond(server, Keys.all()[0]);
      if (most.isPresent()) {
        bars.add(new Bar(SERVER, most.getAsDouble()));
        compare(figure, turns, most.getAsDouble(), report);
      }
      return new Group(Samples.bytes(orderBytes), bars);
    }
  }

  private static void compare(String figure, Turns turns, String other, Report report) {
    report.addRatio(
        figure,
        "thousands/s",
        turns.value(Ours.NAME, AsyncHits::thousands),
        other,
        turns.value(other, AsyncHits::thousands),
        turns.ratio(other, Ours.NAME, Cost::nanos),
        other.equals(RawLettuce.NAME) ? Goal.timesAsMany(2.5) : Goal.NONE);
  }

  private static void compare(String figure, Turns turns, double most, Report report) {
    Value ours = turns.value(Ours.NAME, AsyncHits::thousands);
    report.addRatio(
        figure,
        "thousands/s",
        ours,
        SERVER,
        new Value(most, ""),
        new Value(ours.number() / most, ""),
        Goal.NONE);
  }

  private static double thousands(Cost cost) {
    return RemoteHits.thousandsPerSecond(cost, 1);
  }

  /** Reads of which so many are under way. */
  private static final class InFlight implements Race.Work {
    private final Contender.Async contender;
    private final Semaphore places = new Semaphore(IN_FLIGHT);
    private final LongAdder failures = new LongAdder();

    InFlight(Contender.Async contender) {
      this.contender = contender;
    }

    @Override
    public void run(Keys keys) throws InterruptedException {
      places.acquire();
      contender
          .getAsync(keys.next())
          .whenComplete(
              (order, failure) -> {
                if (order == null) {
                  failures.increment();
                }
                places.release();
              });
    }

    @Override
    public void settle() throws InterruptedException {
      places.acquire(IN_FLIGHT);
      places.release(IN_FLIGHT);
      if (failures.sum() > 0) {
        throw new IllegalStateException(contender.name() + ": not all reads were hits");
      }
    }
  }
}
