package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers end with their JVM, however it ends, and so do their folders. */
@Tag("servers")
@Tag("full")
class JvmDeathTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @ParameterizedTest
  @ValueSource(strings = {"running", "frozen", "replaced"})
  void serversEndWhenTheJvmIsKilled(String state) throws Exception {
    Process jvm = startJvm(state);
    Path root = Path.of(jvm.inputReader().readLine());
    List<ProcessHandle> descendants = descendants(jvm);
    assertThat(root).isDirectory();

    jvm.destroyForcibly();
    assertThat(jvm.waitFor()).isEqualTo(137);

    awaitEnd(descendants, root);
  }

  @Test
  void serversThatNobodyClosedEndWhenTheJvmExits() throws Exception {
    Process jvm = startJvm("running");
    Path root = Path.of(jvm.inputReader().readLine());
    List<ProcessHandle> descendants = descendants(jvm);

    jvm.getOutputStream().close();
    assertThat(jvm.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isZero();

    awaitEnd(descendants, root);
  }

  private static Process startJvm(String state) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TwoServers.class.getName(),
            state)
        .redirectError(Redirect.INHERIT)
        .start();
  }

  private static List<ProcessHandle> descendants(Process jvm) {
    List<ProcessHandle> descendants = jvm.descendants().toList();
    assertThat(descendants).as("two servers and their guardian").hasSize(3);
    return descendants;
  }

  private static void awaitEnd(List<ProcessHandle> descendants, Path root) {
    List<ProcessHandle> alive = new ArrayList<>(descendants);
    Await.until(
        LIMIT,
        () -> "still there: " + alive + " " + root,
        () -> {
          alive.removeIf(JvmDeathTest::hasEnded);
          return alive.isEmpty() && Files.notExists(root);
        });
    assertThat(alive).isEmpty();
    assertThat(root).doesNotExist();
  }

  /**
   * An orphan that its new parent has not yet buried is a zombie: it is listed, without a command.
   */
  private static boolean hasEnded(ProcessHandle process) {
    return !process.isAlive() || process.info().command().isEmpty();
  }

  /** What the child JVM runs: two servers, until its input ends. */
  static final class TwoServers {
    public static void main(String[] arguments) throws IOException {
      RedisServer first = RedisServer.start();
      RedisServer second = RedisServer.start();
      switch (arguments[0]) {
        case "frozen" -> first.freeze();
        case "replaced" -> {
          first.kill();
          second.restart();
          first.restart();
        }
        default -> {}
      }
      System.out.println(Guardian.instance().newFolder("any").getParent());
      System.in.read();
    }
  }
}
