package io.cacheaside.testkit;

import static io.cacheaside.testkit.ServerBinary.BUNDLED;
import static io.cacheaside.testkit.ServerBinary.REDIS_8_0;
import static io.cacheaside.testkit.ServerBinary.VALKEY_8_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In child JVMs, because what is found depends on the environment and the working directory. */
@Tag("servers")
@Tag("full")
class ServerBinaryTest {

  @TempDir Path folder;

  @Test
  void bundledOneIsAlwaysThere() throws Exception {
    assertThat(find(folder, Map.of())).isEqualTo("[redis-7.0]");
    assertThat(BUNDLED.isAvailable()).isTrue();
    assertThat(BUNDLED.fileName()).isEqualTo("redis-7.0");
  }

  @Test
  void othersAreFoundInTheNearestFolderAbove() throws Exception {
    executable(folder.resolve(".servers"), VALKEY_8_1);
    Path below = Files.createDirectories(folder.resolve("module/target"));
    assertThat(find(below, Map.of())).isEqualTo("[redis-7.0, valkey-8.1]");
  }

  @Test
  void namedFolderComesFirst() throws Exception {
    executable(folder.resolve(".servers"), VALKEY_8_1);
    Path named = executable(folder.resolve("named"), REDIS_8_0).getParent();
    assertThat(find(folder, Map.of("CACHEASIDE_SERVERS", named.toString())))
        .isEqualTo("[redis-7.0, redis-8.0]");
  }

  @Test
  void fileThatCannotBeExecutedIsNotAServer() throws Exception {
    Path file = executable(folder.resolve(".servers"), VALKEY_8_1);
    assertThat(file.toFile().setExecutable(false)).isTrue();
    assertThat(find(folder, Map.of())).isEqualTo("[redis-7.0]");
  }

  @Test
  void missingOneIsAnErrorWhereAllAreRequired() throws Exception {
    executable(folder.resolve(".servers"), REDIS_8_0);
    assertThat(find(folder, Map.of("CACHEASIDE_REQUIRE_SERVERS", "true")))
        .startsWith("java.lang.IllegalStateException: no executable valkey-8.1")
        .contains("CACHEASIDE_SERVERS", folder.resolve(".servers").toString());
  }

  @Test
  void startingAMissingOneSaysWhereItWasLookedFor() throws Exception {
    assertThat(find(folder, Map.of(), "start"))
        .startsWith("java.lang.IllegalStateException: no executable valkey-8.0")
        .contains("CACHEASIDE_SERVERS", ".servers");
  }

  private static Path executable(Path in, ServerBinary binary) throws IOException {
    Path file = Files.createDirectories(in).resolve(binary.fileName());
    Files.writeString(file, "#!/bin/sh\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private static String find(Path workingDirectory, Map<String, String> environment, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Finder.class.getName()));
    command.addAll(List.of(more));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(workingDirectory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove(ServerBinary.FOLDER_VARIABLE);
    builder.environment().remove(ServerBinary.REQUIRE_VARIABLE);
    builder.environment().putAll(environment);
    Process jvm = builder.start();
    String output = jvm.inputReader().readLine();
    assertThat(jvm.waitFor()).isZero();
    return output;
  }

  /** What the child JVM runs. */
  static final class Finder {
    public static void main(String[] arguments) {
      try {
        if (arguments.length > 0) {
          RedisServer.start(ServerBinary.VALKEY_8_0);
        }
        System.out.println(ServerBinary.available());
      } catch (IllegalStateException e) {
        System.out.println(e);
      }
    }
  }
}
