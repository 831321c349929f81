package io.cacheaside.fuzzing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One target in a JVM of its own, led by Jazzer. */
final class JazzerRun {
  static final String HEAD =
      "| target | inputs | seconds | coverage | corpus | finding |\n|---|---|---|---|---|---|";

  /** On a busy machine the first input, with all classes to be loaded, takes long. */
  private static final int SLOWEST_INPUT_SECONDS = 300;

  private static final int MOST_MEBIBYTES = 2_048;
  private static final int LARGEST_CORPUS_FILE_BYTES = 256;
  private static final Path CORPUS = Path.of("checks", "fuzzing", "corpus");
  private static final Path WORK = Path.of("checks", "fuzzing", "target", "fuzz");
  private static final Pattern PROGRESS = Pattern.compile("cov: (\\d+) .*corp: (\\d+)/");
  private static final Pattern EXECUTED = Pattern.compile("number_of_executed_units: (\\d+)");
  private static final Pattern FINDING = Pattern.compile("Test unit written to (\\S+)");
  private static final int FIRST_JDK_THAT_WARNS_OF_AGENTS = 21;

  private final Target target;
  private final Path seeds;
  private final Path found;
  private final Path findings;

  private String coverage = "0";
  private String corpus = "0";
  private long executed;
  private @Nullable String finding;

  JazzerRun(Target target) throws IOException {
    this.target = target;
    seeds = Files.createDirectories(CORPUS.resolve(target.label()));
    found = Files.createDirectories(WORK.resolve("corpus").resolve(target.label()));
    findings = Files.createDirectories(WORK.resolve("findings").resolve(target.label()));
  }

  /** Feeds the target and prints a row; returns whether nothing was broken. */
  boolean fuzz(long inputs) throws IOException, InterruptedException {
    long startedNanos = System.nanoTime();
    int status =
        run(
            "-runs=" + inputs,
            "-max_len=" + target.maxBytes(),
            "-timeout=" + SLOWEST_INPUT_SECONDS,
            "-report_slow_units=" + SLOWEST_INPUT_SECONDS,
            "-rss_limit_mb=" + MOST_MEBIBYTES,
            "-artifact_prefix=" + findings + "/",
            "-print_final_stats=1",
            found.toString(),
            seeds.toString());
    if (finding == null && status != 0) {
      finding = "ended with " + status + ", see " + log();
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %,d | %.0f | %s | %s | %s |%n",
        target.label(),
        executed,
        (System.nanoTime() - startedNanos) / 1e9,
        coverage,
        corpus,
        finding == null ? "none" : finding);
    return finding == null;
  }

  /** Adds to the corpus of the project what covers more than it. */
  void merge() throws IOException, InterruptedException {
    run("-merge=1", "-max_len=" + LARGEST_CORPUS_FILE_BYTES, seeds.toString(), found.toString());
    try (Stream<Path> files = Files.list(seeds)) {
      System.out.printf("%s: %d files%n", target.label(), files.count());
    }
  }

  private Path log() {
    return WORK.resolve(target.label() + ".log");
  }

  private int run(String... arguments) throws IOException, InterruptedException {
    Process jazzer = new ProcessBuilder(command(arguments)).redirectErrorStream(true).start();
    try (BufferedReader lines = jazzer.inputReader();
        var log = Files.newBufferedWriter(log())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.write(line + "\n");
        note(line);
      }
    } finally {
      jazzer.destroy();
    }
    return jazzer.waitFor();
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx768m", "-XX:+UseSerialGC", "-XX:-OmitStackTraceInFastThrow"));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    if (Runtime.version().feature() >= FIRST_JDK_THAT_WARNS_OF_AGENTS) {
      command.add("-XX:+EnableDynamicAgentLoading");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target.type().getName());
    command.add(
        "--instrumentation_includes=" + target.instrumented().collect(Collectors.joining(":")));
    command.add("--reproducer_path=" + findings);
    command.addAll(List.of(arguments));
    return command;
  }

  private void note(String line) {
    Matcher progress = PROGRESS.matcher(line);
    if (progress.find()) {
      coverage = progress.group(1);
      corpus = progress.group(2);
    }
    Matcher done = EXECUTED.matcher(line);
    if (done.find()) {
      executed = Long.parseLong(done.group(1));
    }
    Matcher broken = FINDING.matcher(line);
    if (broken.find()) {
      finding = broken.group(1);
    }
  }
}
