package io.cacheaside.verification.processes;

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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program in a JVM of its own that is told lines and answers each with one, beginning with one
 * that says that it has started. Not thread-safe.
 */
public final class Jvm implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dlog.level=off");

  /** Lets the process go on whatever becomes of this JVM. */
  private static final String STOP_FOR_A_WHILE =
      "kill -s STOP \"$1\"; sleep \"$2\"; kill -s CONT \"$1\"";

  private static final Logger LOG = LoggerFactory.getLogger(Jvm.class);
  private static final String END = "";

  private final String name;
  private final Process process;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Thread reader;
  private final BufferedWriter input;

  private Jvm(String name, Process process) {
    this.name = name;
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.US_ASCII);
    this.reader = new Thread(this::readAnswers, "answers of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts one. Its program must {@link #endWithParent()}.
   *
   * @param name what failures call it
   */
  public static Jvm start(String name, Class<?> program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(arguments);
    try {
      return new Jvm(name, new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the JVM that calls this with the one that has started it, however that ends. */
  public static void endWithParent() {
    ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
    var unused = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
  }

  /** Tells it a line. */
  public void tell(String line) {
    try {
      input.append(line).append('\n').flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " has ended", e);
    }
  }

  /** Waits for its next answer. */
  public String answer(Duration limit) {
    try {
      String answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null || answer.equals(END)) {
        throw new IllegalStateException(
            name + (answer == null ? " does not answer within " + limit : " has ended"));
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void readAnswers() {
    try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
      output.lines().forEach(answers::add);
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("No more answers of {}", name, e);
    } finally {
      answers.add(END);
    }
  }

  /**
   * Returns what an answer says, which is the time it was given at by {@link System#nanoTime()}.
   *
   * @throws IllegalStateException the processes of this machine do not share that clock
   */
  public static long nanos(String answer, long askedNanos) {
    long itsNanos = Long.parseLong(answer);
    if (itsNanos < askedNanos || itsNanos > System.nanoTime()) {
      throw new IllegalStateException("the processes of this machine do not share a clock");
    }
    return itsNanos;
  }

  /** Stops it by SIGSTOP, and lets it go on by SIGCONT. */
  public void stopFor(Duration time) {
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
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
