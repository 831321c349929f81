package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Chart.Bar;
import io.cacheaside.benchmarks.Chart.Group;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Measures what becomes of many callers in several JVMs that miss the same key at once. */
final class Stampede {
  static final int CALLERS_EACH = 250;
  static final int LOADER_MILLIS = 100;

  private static final int JVMS = 4;
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final double NANOS_PER_MILLI = 1_000_000;

  private Stampede() {}

  /** What the stampedes of one library came to, one number for each. */
  private static final class Outcome {
    final List<Double> loads = new ArrayList<>();
    final List<Double> p99Millis = new ArrayList<>();
  }

  static void measure(Effort effort, Report report) throws IOException {
    report.begin(
        "Stampede",
        """
        %d callers in %d JVMs ask for one key at the same moment; it is not there, and its loader
        takes %d ms. How often the source is read, and how long 99 %% of the callers take. A round
        trip is a PING of the measuring JVM, right after each stampede."""
            .formatted(JVMS * CALLERS_EACH, JVMS, LOADER_MILLIS));
    List<StampedeJvm> jvms = new ArrayList<>();
    try (RedisServer server = RedisServer.start()) {
      RedisClient client = RedisClient.create(server.uri());
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        for (int i = 0; i < JVMS; i++) {
          jvms.add(StampedeJvm.start(server.uri()));
        }
        run(jvms, connection, effort, report);
      } finally {
        jvms.forEach(StampedeJvm::close);
        client.shutdown();
      }
    }
  }

  private static void run(
      List<StampedeJvm> jvms,
      StatefulRedisConnection<String, String> connection,
      Effort effort,
      Report report)
      throws IOException {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    List<Double> pings = new ArrayList<>();
    for (int round = -effort.stampedes(); round < effort.stampedes(); round++) {
      for (String name : StampedeJvm.NAMES) {
        Outcome outcome =
            round < 0 ? new Outcome() : outcomes.computeIfAbsent(name, n -> new Outcome());
        stampede(jvms, name, name.hashCode() + "-" + (round + effort.stampedes()), outcome);
        pings.add(ping(connection));
      }
    }
    double roundTripMillis = Samples.of(pings).median();
    outcomes.forEach((name, outcome) -> report(name, outcome, roundTripMillis, report));
    report.add(
        new Chart(
            "stampede",
            JVMS * CALLERS_EACH + " callers in " + JVMS + " JVMs miss one key",
            "Less is better",
            List.of(
                new Group(
                    "Loads",
                    outcomes.entrySet().stream()
                        .map(e -> new Bar(e.getKey(), Samples.of(e.getValue().loads).median()))
                        .toList()),
                new Group(
                    "Milliseconds that 99 % of the callers take at most",
                    outcomes.entrySet().stream()
                        .map(e -> new Bar(e.getKey(), Samples.of(e.getValue().p99Millis).median()))
                        .toList()))));
  }

  private static void stampede(List<StampedeJvm> jvms, String name, String key, Outcome outcome)
      throws IOException {
    long startNanos = System.nanoTime() + LEAD_NANOS;
    for (StampedeJvm jvm : jvms) {
      jvm.ask(name, key, startNanos);
    }
    double loads = 0;
    List<Double> millis = new ArrayList<>();
    for (StampedeJvm jvm : jvms) {
      StampedeJvm.Answer answer = jvm.answer();
      loads += answer.loads();
      answer.nanos().forEach(nanos -> millis.add(nanos / NANOS_PER_MILLI));
    }
    outcome.loads.add(loads);
    outcome.p99Millis.add(Samples.of(millis).percentile(99));
    Benchmarks.progress(
        "Stampede, %s: %s loads, p99 %s ms",
        name, Samples.format(loads), Samples.format(Samples.of(millis).percentile(99)));
  }

  private static double ping(StatefulRedisConnection<String, String> connection) {
    long began = System.nanoTime();
    Objects.requireNonNull(connection.sync().ping());
    return (System.nanoTime() - began) / NANOS_PER_MILLI;
  }

  private static void report(String name, Outcome outcome, double roundTripMillis, Report report) {
    boolean ours = name.equals(Ours.NAME);
    report.add(
        "Stampede: loads, " + name,
        "",
        Value.medianOf(Samples.of(outcome.loads)),
        ours ? Goal.atMost(1, "loads") : Goal.NONE);
    Value p99 = Value.medianOf(Samples.of(outcome.p99Millis));
    report.addRatio(
        "Stampede: p99 beyond the loader, " + name,
        "ms",
        new Value(p99.number() - LOADER_MILLIS, ""),
        "PING",
        new Value(roundTripMillis, ""),
        new Value((p99.number() - LOADER_MILLIS) / roundTripMillis, ""),
        ours ? Goal.ratio(3) : Goal.NONE);
  }
}
