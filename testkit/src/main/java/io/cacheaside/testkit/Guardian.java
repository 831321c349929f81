package io.cacheaside.testkit;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one small shell process that outlives this JVM and ends its servers, however the JVM ends.
 *
 * <p>It reads a pipe whose only writer is this JVM. When the JVM is gone, by a normal exit, a crash
 * or SIGKILL, the operating system closes the pipe; the guardian then kills the processes it was
 * told to watch, removes the JVM's temp folder and ends itself. There is no window in which a
 * process could escape: a new process first waits for a word from the JVM, and gets it only after
 * the guardian knows its id; if the JVM dies before, the process reads the end of its own pipe and
 * never becomes a server.
 *
 * <p>Thread-safe.
 */
final class Guardian {

  private static final String WATCH_UNTIL_THE_JVM_IS_GONE =
      """
      trap '' HUP INT TERM
      pids=
      while read -r word pid; do
        case $word in
          watch) pids="$pids $pid" ;;
          forget) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
        esac
      done
      kill -KILL $pids 2>/dev/null
      rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
      """;

  private static final String LASTING = "lasting-";
  private static final String WAIT_FOR_GO = "read -r go && exec \"$@\" </dev/null";

  private static volatile @Nullable Guardian started;

  private final ReentrantLock lock = new ReentrantLock();
  private final long pid;
  private final Path root;
  private final BufferedWriter pipe;

  private Guardian() {
    try {
      root = Files.createTempDirectory("cacheaside-testkit-");
      Process guardian = startGuardian(root);
      pid = guardian.pid();
      pipe = guardian.outputWriter(StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the guardian process (is 'sh' there?)", e);
    }
  }

  private static Process startGuardian(Path root) throws IOException {
    return new ProcessBuilder("sh", "-c", WATCH_UNTIL_THE_JVM_IS_GONE, "guardian", root.toString())
        .redirectOutput(Redirect.DISCARD)
        .redirectError(Redirect.DISCARD)
        .start();
  }

  /** The guardian of this JVM, started by the first call. */
  static Guardian instance() {
    return Holder.GUARDIAN;
  }

  /** A new empty folder, readable by this user only, that is removed when the JVM ends. */
  Path newFolder(String prefix) {
    try {
      return Files.createTempDirectory(root, prefix + "-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder in " + root, e);
    }
  }

  /** A new empty folder that stays until the JVM ends. */
  Path newLastingFolder(String name) {
    return newFolder(LASTING + name);
  }

  /** The folders that are there now and ought to go before the JVM does. */
  static Stream<Path> folders() {
    Guardian guardian = started;
    return guardian == null ? Stream.empty() : guardian.list();
  }

  private Stream<Path> list() {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(folder -> !isLasting(folder)).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + root, e);
    }
  }

  private static boolean isLasting(Path folder) {
    return String.valueOf(folder.getFileName()).startsWith(LASTING);
  }

  /** The child processes of this JVM, but for the guardian itself. */
  static Stream<ProcessHandle> startedProcesses() {
    Guardian guardian = started;
    long own = guardian == null ? 0 : guardian.pid;
    return ProcessHandle.current().children().filter(child -> child.pid() != own);
  }

  /** Removes a folder and all that is in it; one that is gone already is fine. */
  static void delete(Path folder) {
    try {
      Files.walkFileTree(folder, new Deletion());
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  /**
   * Starts a direct child process that ends with this JVM. Its output is appended to {@code log}.
   */
  Process start(List<String> command, Path folder, Path log) throws IOException {
    List<String> waiting = new ArrayList<>(List.of("sh", "-c", WAIT_FOR_GO, "sh"));
    waiting.addAll(command);
    Process process =
        new ProcessBuilder(waiting)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()))
            .start();
    letGo(process);
    return process;
  }

  private void letGo(Process process) throws IOException {
    try (BufferedWriter go = process.outputWriter(StandardCharsets.US_ASCII)) {
      tell("watch", process.pid());
      go.write("go\n");
    }
    var unused = process.onExit().thenAccept(this::forget);
  }

  private void forget(Process ended) {
    try {
      tell("forget", ended.pid());
    } catch (IOException e) {
      throw new UncheckedIOException("the guardian process has been ended by someone else", e);
    }
  }

  private void tell(String word, long pid) throws IOException {
    lock.lock();
    try {
      pipe.write(word + " " + pid + "\n");
      pipe.flush();
    } finally {
      lock.unlock();
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(visited);
      return FileVisitResult.CONTINUE;
    }
  }

  private static final class Holder {
    static final Guardian GUARDIAN = new Guardian();

    static {
      started = GUARDIAN;
    }
  }
}
