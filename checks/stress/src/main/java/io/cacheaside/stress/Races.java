package io.cacheaside.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/** Lets the races of this package run under jcstress. */
final class Races {
  private static final List<String> QUICK =
      List.of("-m", "quick", "-sc", "false", "-jvmArgs", "-XX:+UseParallelGC");

  private Races() {}

  /**
   * Runs all races.
   *
   * @param quick whether to run them in one way of compiling alone
   * @param reports where to write what was seen in detail
   */
  static void run(boolean quick, Path reports, Report report) throws Exception {
    Files.createDirectories(reports);
    Options options = new Options(arguments(quick, reports));
    PrintStream out = System.out;
    System.setOut(System.err);
    try {
      options.parse();
      new JCStress(options).run();
    } finally {
      System.setOut(out);
    }
    byName(results(Path.of(options.getResultFile())))
        .forEach((name, results) -> add(name, results, report));
  }

  private static String[] arguments(boolean quick, Path reports) {
    List<String> everywhere = List.of("-r", reports.toString());
    return Stream.concat(everywhere.stream(), (quick ? QUICK : List.<String>of()).stream())
        .toArray(String[]::new);
  }

  private static Collection<TestResult> results(Path file)
      throws IOException, ClassNotFoundException {
    InProcessCollector collector = new InProcessCollector();
    DiskReadCollector reader = new DiskReadCollector(file.toString(), collector);
    try {
      reader.dump();
    } finally {
      reader.close();
      Files.delete(file);
    }
    return collector.getTestResults();
  }

  private static Map<String, List<TestResult>> byName(Collection<TestResult> results) {
    return results.stream()
        .collect(Collectors.groupingBy(TestResult::getName, TreeMap::new, Collectors.toList()));
  }

  private static void add(String name, List<TestResult> results, Report report) {
    long meetings = results.stream().mapToLong(TestResult::getTotalCount).sum();
    List<String> failures =
        results.stream().flatMap(result -> failuresOf(result).stream()).distinct().toList();
    String explored = "%,d meetings in %,d JVMs".formatted(meetings, results.size());
    report.add(name.substring(name.lastIndexOf('.') + 1), explored, failures);
  }

  private static List<String> failuresOf(TestResult result) {
    return switch (result.status()) {
      case NORMAL -> result.grading().failureMessages;
      default -> List.of(result.status() + " " + result.getMessages() + result.getVmErr());
    };
  }
}
