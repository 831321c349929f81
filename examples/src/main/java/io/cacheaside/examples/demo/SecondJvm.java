package io.cacheaside.examples.demo;

import io.cacheaside.CacheAside;
import io.cacheaside.redis.RedisStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;

/**
 * The second process of the stampede: {@link #main} is its side, an instance is the first one's.
 *
 * <p>They talk over its standard streams: it says {@code ready} when its callers stand at the gate,
 * opens the gate when it is sent a line, and prints what they were told.
 */
final class SecondJvm implements AutoCloseable {
  private static final String REDIS = "DEMO_REDIS";
  private static final String PREFIX = "DEMO_PREFIX";
  private static final String DATABASE = "DEMO_DATABASE";
  private static final String SCHEMA = "DEMO_SCHEMA";
  private static final String READY = "ready";

  private final Process process;
  private final BufferedReader output;

  private SecondJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
  }

  /** Starts it. What could be secret travels in its environment, not in its arguments. */
  static SecondJvm start(Stage stage) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dorg.slf4j.simpleLogger.logFile=System.err"); // the other file is the parent's
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SecondJvm.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
    builder
        .environment()
        .putAll(
            Map.of(
                REDIS, stage.redis().uri(),
                PREFIX, stage.prefix(),
                DATABASE, stage.database().url(),
                SCHEMA, stage.database().schema()));
    return new SecondJvm(builder.start());
  }

  long pid() {
    return process.pid();
  }

  /** Waits until its callers stand at the gate. */
  void awaitReady() throws IOException {
    String line = output.readLine();
    if (!READY.equals(line)) {
      throw new IllegalStateException("the second JVM did not get ready but said: " + line);
    }
  }

  /** Opens its gate. */
  void release() throws IOException {
    process.outputWriter(StandardCharsets.US_ASCII).append("go\n").flush();
  }

  /** Returns what its callers were told. */
  Callers.Answers answers() throws IOException {
    return Callers.Answers.parse(Objects.requireNonNull(output.readLine(), "the second JVM died"));
  }

  /** Kills it if it is still there, and waits for its end. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** Is the second process: assembles its callers, and releases them when it is told to. */
  public static void main(String... args) throws Exception {
    try (RedisStore store = Stage.connect(given(REDIS), given(PREFIX));
        Database database = new Database(given(DATABASE), given(SCHEMA));
        CacheAside<String, Long> cache = Stampede.cacheOn(store);
        Callers callers = new Callers(cache, new Catalogue(database));
        BufferedReader input =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      List<Future<Long>> calls = callers.assemble();
      System.out.println(READY);
      if (input.readLine() != null) {
        System.out.println(callers.release(calls));
      }
    }
  }

  private static String given(String name) {
    return Objects.requireNonNull(System.getenv(name), name);
  }
}
