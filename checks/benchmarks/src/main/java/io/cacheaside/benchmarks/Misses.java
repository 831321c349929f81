package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what a miss adds to its load, in round trips: the server is behind a proxy that delays
 * everything, so that nothing else counts.
 */
final class Misses {
  private static final Duration DELAY_EACH_WAY = Duration.ofMillis(5);
  private static final int WARM_UPS = 5;
  private static final double NANOS_PER_MILLI = 1_000_000;

  private Misses() {}

  /**
   * What one miss took.
   *
   * @param before from the call to the begin of its loader
   * @param after from the end of the loader to the return
   */
  private record Miss(double before, double after) {}

  static void measure(Effort effort, Report report) {
    report.begin(
        "Miss",
        """
        One caller, one key that is not there, a proxy that makes each round trip %d ms longer: the
        time from the call to its loader, and from the loader's end to the return, in round trips
        (of a PING through the same proxy). The peers look, load and store, and promise nothing
        about loads by others."""
            .formatted(2 * DELAY_EACH_WAY.toMillis()));
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server)) {
      String uri = server.uri(proxy);
      List<Contender.Loading> all =
          List.of(
              new Ours(uri),
              new RawLettuce(uri),
              JedisPool.byDefault(uri),
              SpringCache.byDefault(uri),
              SpringCache.locking(uri),
              JetCache.protecting(uri),
              new RedissonBucket(uri));
      RedisClient client = RedisClient.create(uri);
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        proxy.delay(DELAY_EACH_WAY);
        measure(all, connection, effort, report);
        proxy.pass();
      } finally {
        all.forEach(Contender::close);
        client.shutdown();
      }
    }
  }

  private static void measure(
      List<Contender.Loading> all,
      StatefulRedisConnection<String, String> connection,
      Effort effort,
      Report report) {
    List<Double> pings = new ArrayList<>();
    List<List<Miss>> misses = all.stream().map(each -> (List<Miss>) new ArrayList<Miss>()).toList();
    for (int i = -WARM_UPS; i < effort.misses(); i++) {
      double ping = ping(connection);
      for (int each = 0; each < all.size(); each++) {
        Miss miss = miss(all.get(each), "miss-%d-%d".formatted(each, i));
        if (i >= 0) {
          misses.get(each).add(miss);
        }
      }
      if (i >= 0) {
        pings.add(ping);
      }
    }
    double roundTrip = Samples.of(pings).median();
    for (int each = 0; each < all.size(); each++) {
      report(all.get(each).name(), misses.get(each), roundTrip, report);
    }
  }

  private static double ping(StatefulRedisConnection<String, String> connection) {
    long began = System.nanoTime();
    connection.sync().ping();
    return (System.nanoTime() - began) / NANOS_PER_MILLI;
  }

  private static Miss miss(Contender.Loading contender, String key) {
    long[] loader = new long[2];
    Order order = Order.of(key, Order.SMALL_BYTES);
    long called = System.nanoTime();
    Order loaded =
        contender.get(
            key,
            () -> {
              loader[0] = System.nanoTime();
              loader[1] = System.nanoTime();
              return order;
            });
    long returned = System.nanoTime();
    if (loaded == null || loader[0] == 0) {
      throw new IllegalStateException(contender.name() + " did not load " + key);
    }
    return new Miss(
        (loader[0] - called) / NANOS_PER_MILLI, (returned - loader[1]) / NANOS_PER_MILLI);
  }

  private static void report(String name, List<Miss> misses, double roundTrip, Report report) {
    boolean ours = name.equals(Ours.NAME);
    report.add(
        "Miss: before the loader, " + name,
        "round trips",
        trips(misses.stream().map(Miss::before).toList(), roundTrip),
        ours ? Goal.atMost(2.2, "") : Goal.NONE);
    report.add(
        "Miss: after the loader, " + name,
        "round trips",
        trips(misses.stream().map(Miss::after).toList(), roundTrip),
        ours ? Goal.atMost(0.2, "") : Goal.NONE);
  }

  private static Value trips(List<Double> millis, double roundTrip) {
    return Value.medianOf(Samples.of(millis.stream().map(each -> each / roundTrip).toList()));
  }
}
