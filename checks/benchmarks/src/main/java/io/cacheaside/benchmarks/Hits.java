package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Chart.Bar;
import io.cacheaside.benchmarks.Chart.Group;
import io.cacheaside.benchmarks.Turns.Cost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks of hits with JMH. Those that are compared take turns, each time in a JVM of
 * its own. What counts of each turn is the best average time of an iteration, since whatever else
 * the machine does can only make it longer; and the ratio is that of neighbours.
 */
final class Hits {
  private static final int[] THREADS = {1, 8};
  private static final Set<String> PEERS = Set.of("jetcache", "redisson");
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private final Effort effort;
  private final Report report;

  Hits(Effort effort, Report report) {
    this.effort = effort;
    this.report = report;
  }

  void near() throws RunnerException {
    report.begin(
        "Near hit",
        """
        A read of a value that is near, next to Caffeine alone and to the two libraries with a level
        in the process. Each is measured by JMH in JVMs of its own.""");
    List<Group> groups = new ArrayList<>();
    for (int threads : THREADS) {
      Turns turns =
          takeTurns(NearHit.class, threads, "ours", "bounded", "expiring", "jetcache", "redisson");
      String figure = "Near hit, " + named(threads);
      compareTimes(figure, turns, "bounded", "Caffeine, bounded", Goal.ratio(1.25));
      compareTimes(figure, turns, "expiring", "Caffeine, expireAfterWrite", Goal.ratio(1.25));
      compareTimes(figure, turns, "jetcache", "JetCache, two levels", Goal.ratio(1));
      compareTimes(figure, turns, "redisson", "Redisson, local map", Goal.ratio(1));
      report.add(figure + ": allocation", "B/op", turns.value("ours", Cost::bytes), Goal.noBytes());
      groups.add(
          new Group(
              named(threads),
              List.of(
                  bar(Ours.NAME, turns, "ours"),
                  bar("Caffeine, bounded", turns, "bounded"),
                  bar("Caffeine, expireAfterWrite", turns, "expiring"),
                  bar("JetCache, two levels", turns, "jetcache"),
                  bar("Redisson, local map", turns, "redisson"))));
    }
    report.add(
        new Chart("near-hit", "A near hit", "Nanoseconds of a thread; less is better", groups));
  }

  private static Bar bar(String label, Turns turns, String name) {
    return new Bar(label, turns.value(name, Cost::nanos).number());
  }

  static String named(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private void compareTimes(String figure, Turns turns, String with, String name, Goal goal) {
    report.addRatio(
        figure,
        "ns/op",
        turns.value("ours", Cost::nanos),
        name,
        turns.value(with, Cost::nanos),
        turns.ratio("ours", with, Cost::nanos),
        goal);
  }

  private Turns takeTurns(Class<?> benchmarks, int threads, String... names)
      throws RunnerException {
    Turns turns = new Turns();
    for (int round = 1; round <= effort.rounds(); round++) {
      for (String name : names) {
        if (takesPart(name, round)) {
          turns.add(name, turn(benchmarks, name, threads, round));
        }
      }
    }
    return turns;
  }

  private boolean takesPart(String name, int round) {
    return round <= (PEERS.contains(name) ? effort.peerRounds() : effort.rounds());
  }

  private Cost turn(Class<?> benchmarks, String name, int threads, int round)
      throws RunnerException {
    Cost cost = run(benchmarks.getName() + "." + name, threads);
    Benchmarks.progress(
        "%s.%s, %s, round %d of %d: %s ns/op, %s B/op",
        benchmarks.getSimpleName(),
        name,
        named(threads),
        round,
        effort.rounds(),
        Samples.format(cost.nanos()),
        Samples.format(cost.bytes()));
    return cost;
  }

  private Cost run(String benchmark, int threads) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include("^" + benchmark.replace(".", "\\.") + "$")
            .threads(threads)
            .forks(1)
            .jvmArgs(Jvm.OPTIONS.toArray(String[]::new))
            .warmupIterations(effort.warmups())
            .warmupTime(TimeValue.milliseconds(effort.iterationMillis()))
            .measurementIterations(effort.iterations())
            .measurementTime(TimeValue.milliseconds(effort.iterationMillis()))
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    RunResult result = results.iterator().next();
    return new Cost(best(result), allocation(result), Double.NaN);
  }

  private static double best(RunResult result) {
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
        .min()
        .orElseThrow();
  }

  private static double allocation(RunResult result) {
    String label =
        result.getSecondaryResults().keySet().stream()
            .filter(key -> key.endsWith(ALLOCATION))
            .findFirst()
            .orElseThrow();
    return Objects.requireNonNull(result.getSecondaryResults().get(label)).getScore();
  }
}
