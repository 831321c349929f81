package io.cacheaside.verification.history;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} in a JVM of its own, which ends with this one. */
final class WorkerJvm implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx256m",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");

  /** Lets the process go on whatever becomes of this JVM. */
  private static final String STOP_FOR_A_WHILE =
      "kill -s STOP \"$1\"; sleep \"$2\"; kill -s CONT \"$1\"";

  private final WorkerSettings settings;
  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;

  private WorkerJvm(WorkerSettings settings, Process process) {
    this.settings = settings;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.US_ASCII);
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
  }

  static WorkerJvm start(WorkerSettings settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Worker.class.getName());
    command.addAll(settings.toArguments());
    try {
      Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
      return new WorkerJvm(settings, process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  WorkerSettings settings() {
    return settings;
  }

  /** Waits until its clients run. */
  void awaitStart() {
    awaitAnswer(0, START_LIMIT);
  }

  /** Begins to wait until its store has been all right for a while. */
  void settle() {
    tell(Worker.SETTLE);
  }

  /** Lets its operations under way end, and begins no others. */
  void stop() {
    tell(Worker.STOP);
  }

  private void tell(String order) {
    try {
      input.append(order).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException("worker " + settings.process() + " has ended", e);
    }
  }

  /** Waits until it has done what it was told. */
  void awaitAnswer(long askedNanos, Duration limit) {
    CompletableFuture<String> line = CompletableFuture.supplyAsync(this::readLine);
    String answer =
        line.orTimeout(limit.toSeconds(), TimeUnit.SECONDS)
            .exceptionally(
                failure -> {
                  throw new IllegalStateException(
                      "worker %d does not settle: %s"
                          .formatted(settings.process(), failure.getMessage()),
                      failure);
                })
            .join();
    long itsNanos = Long.parseLong(answer);
    if (itsNanos < askedNanos || itsNanos > System.nanoTime()) {
      throw new IllegalStateException("the processes of this machine do not share a clock");
    }
  }

  private String readLine() {
    try {
      String line = output.readLine();
      if (line == null) {
        throw new IllegalStateException("it has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it by SIGSTOP, and lets it go on by SIGCONT. */
  void stopFor(Duration time) {
    String pid = String.valueOf(process.pid());
    String seconds = String.valueOf(time.toMillis() / 1e3);
    try {
      new ProcessBuilder("sh", "-c", STOP_FOR_A_WHILE, "sh", pid, seconds).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends it by SIGKILL. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
