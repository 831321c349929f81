package io.cacheaside.benchmarks;

import io.cacheaside.testkit.RedisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a server can do at most, by the {@code redis-benchmark} that {@code get-servers} brings. */
final class ServerLimit {
  private static final String UNPACKED = "trixie";
  private static final int REQUESTS = 200_000;
  private static final Pattern PER_SECOND = Pattern.compile("([0-9.]+) requests per second");

  private ServerLimit() {}

  /** Empty if that program is not there. */
  static OptionalDouble thousandsOfGetsPerSecond(RedisServer server, String key)
      throws IOException {
    Path root = root();
    if (root == null) {
      return OptionalDouble.empty();
    }
    Process process =
        new ProcessBuilder(command(root, server, key)).redirectError(Redirect.DISCARD).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
      return output
          .lines()
          .map(PER_SECOND::matcher)
          .filter(Matcher::find)
          .mapToDouble(found -> Double.parseDouble(found.group(1)) / 1_000)
          .reduce((first, last) -> last);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> command(Path root, RedisServer server, String key) {
    Path libraries = root.resolve("usr/lib/x86_64-linux-gnu");
    List<String> command = new ArrayList<>();
    command.add(libraries.resolve("ld-linux-x86-64.so.2").toString());
    command.addAll(
        List.of("--library-path", root.resolve("lib/x86_64-linux-gnu") + ":" + libraries));
    command.add(root.resolve("usr/bin/redis-benchmark").toString());
    command.addAll(List.of("-h", server.host(), "-p", String.valueOf(server.port())));
    command.addAll(List.of("-n", String.valueOf(REQUESTS), "-c", "50", "-P", "32", "-q"));
    command.addAll(List.of("GET", key));
    return command;
  }

  private static @Nullable Path root() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path root = at.resolve(".servers").resolve(UNPACKED);
      if (Files.isExecutable(root.resolve("usr/bin/redis-benchmark"))) {
        return root;
      }
    }
    return null;
  }
}
