package io.cacheaside.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server's process, one after the other over restarts: its life and the signals it is sent.
 *
 * <p>Not thread-safe, but {@link #current()} and {@link #isRunning()} may be called by any thread.
 */
final class ServerProcess {

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int LOG_TAIL_BYTES = 4 * 1024;

  private final List<String> command;
  private final Path folder;
  private volatile @Nullable Process process;
  private volatile boolean frozen;

  ServerProcess(List<String> command, Path folder) {
    this.command = command;
    this.folder = folder;
  }

  void start() {
    try {
      process = Guardian.instance().start(command, folder, log());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  /** The process that runs, or ran last. */
  Process current() {
    Process started = process;
    if (started == null) {
      throw new IllegalStateException("not started: " + command);
    }
    return started;
  }

  boolean isRunning() {
    Process started = process;
    return started != null && started.isAlive();
  }

  boolean isFrozen() {
    return frozen && isRunning();
  }

  /** SIGTERM, and SIGKILL to a process that does not obey within {@link #GRACE}. */
  void stop() {
    thaw();
    current().destroy();
    if (!hasEndedWithin(GRACE)) {
      kill();
    }
  }

  void kill() {
    current().destroyForcibly();
    if (!hasEndedWithin(GRACE)) {
      throw new IllegalStateException("process " + current().pid() + " survives SIGKILL");
    }
    frozen = false;
  }

  void freeze() {
    signal("STOP");
    frozen = true;
  }

  void thaw() {
    if (isFrozen()) {
      signal("CONT");
    }
    frozen = false;
  }

  private void signal(String name) {
    String pid = String.valueOf(current().pid());
    ShortProcess.run(List.of("sh", "-c", "kill -s \"$1\" \"$2\"", "sh", name, pid));
  }

  private boolean hasEndedWithin(Duration limit) {
    try {
      return current().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a server's end", e);
    }
  }

  /** The end of what the process wrote. */
  String logTail() {
    try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
      file.seek(Math.max(0, file.length() - LOG_TAIL_BYTES));
      byte[] tail = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log(), e);
    }
  }

  private Path log() {
    return folder.resolve("server.log");
  }
}
