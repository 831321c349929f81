package io.cacheaside.benchmarks;

import io.cacheaside.benchmarks.Report.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
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
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private final Effort effort;
  private final Report report;

  Hits(Effort effort, Report report) {
    this.effort = effort;
    this.report = report;
  }

  /** One round of one benchmark. */
  private record Cost(double nanos, double bytes) {}

  void near() throws RunnerException {
    for (int threads : THREADS) {
      Map<String, List<Cost>> costs =
          takeTurns(NearHit.class, threads, "ours", "bounded", "expiring", "drained");
      String figure = "Near hit, " + named(threads);
      compareTimes(figure, costs, "bounded", "Caffeine, bounded", Goal.ratio(1.25));
      compareTimes(figure, costs, "expiring", "Caffeine, expireAfterWrite", Goal.ratio(1.25));
      compareTimes(
          figure, costs, "drained", "Caffeine, bounded, executor Runnable::run", Goal.NONE);
      report.add(
          figure + ": allocation", "B/op", value(costs, "ours", Cost::bytes), Goal.noBytes());
    }
  }

  void remote() throws RunnerException {
    for (int threads : THREADS) {
      Map<String, List<Cost>> costs = takeTurns(RemoteHit.class, threads, "ours", "raw");
      String figure = "Remote hit, " + named(threads);
      compareTimes(figure, costs, "raw", "Lettuce GET and decode", Goal.ratio(1.05));
      report.addDifference(
          figure + ": allocation",
          "B/op",
          value(costs, "ours", Cost::bytes),
          "Lettuce GET and decode",
          value(costs, "raw", Cost::bytes),
          Goal.bytesMore(200));
    }
  }

  private static String named(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private void compareTimes(
      String figure, Map<String, List<Cost>> costs, String with, String name, Goal goal) {
    List<Cost> ours = of(costs, "ours");
    List<Cost> theirs = of(costs, with);
    List<Double> ratios =
        IntStream.range(0, effort.rounds())
            .mapToObj(round -> ours.get(round).nanos() / theirs.get(round).nanos())
            .toList();
    report.addRatio(
        figure,
        "ns/op",
        value(costs, "ours", Cost::nanos),
        name,
        value(costs, with, Cost::nanos),
        Value.medianOf(Samples.of(ratios)),
        goal);
  }

  private static List<Cost> of(Map<String, List<Cost>> costs, String benchmark) {
    return Objects.requireNonNull(costs.get(benchmark));
  }

  private static Value value(
      Map<String, List<Cost>> costs, String benchmark, ToDoubleFunction<Cost> part) {
    return Value.medianOf(
        Samples.of(of(costs, benchmark).stream().mapToDouble(part).boxed().toList()));
  }

  private Map<String, List<Cost>> takeTurns(Class<?> benchmarks, int threads, String... names)
      throws RunnerException {
    Map<String, List<Cost>> costs = new LinkedHashMap<>();
    for (int round = 1; round <= effort.rounds(); round++) {
      for (String name : names) {
        Cost cost = run(benchmarks.getName() + "." + name, threads);
        costs.computeIfAbsent(name, n -> new ArrayList<>()).add(cost);
        Benchmarks.progress(
            "%s.%s, %s, round %d of %d: %s ns/op, %s B/op",
            benchmarks.getSimpleName(),
            name,
            named(threads),
            round,
            effort.rounds(),
            Samples.format(cost.nanos()),
            Samples.format(cost.bytes()));
      }
    }
    return costs;
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
    return new Cost(best(result), allocation(result));
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
