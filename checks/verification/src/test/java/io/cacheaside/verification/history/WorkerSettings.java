package io.cacheaside.verification.history;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a worker process is told on its command line.
 *
 * @param process its number
 * @param life how often it has been started anew
 * @param seed of what it does
 * @param mix what it does
 * @param rounds how many writes it makes, if it does nothing else
 * @param near whether its cache is to have a near cache
 * @param copies how many replicas an invalidation waits for
 * @param folder where the source is, and its journal shall be
 * @param uri of the store
 * @param routes to which port it connects instead of that of a server
 */
record WorkerSettings(
    int process,
    int life,
    long seed,
    Mix mix,
    long rounds,
    boolean near,
    int copies,
    Path folder,
    String uri,
    Map<Integer, Integer> routes) {

  static final Duration COMMAND_TIMEOUT = Duration.ofMillis(250);
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  static final Duration COPY_TIMEOUT = Duration.ofMillis(250);
  static final Duration LEASE_TIME = Duration.ofMillis(500);

  /** Longer than a busy machine keeps threads from running: a reader's wait ends with it. */
  static final Duration LOAD_TIMEOUT = Duration.ofSeconds(10);

  static final Duration MAX_STALENESS = Duration.ofMillis(500);

  List<String> toArguments() {
    return List.of(
        String.valueOf(process),
        String.valueOf(life),
        String.valueOf(seed),
        mix.name(),
        String.valueOf(rounds),
        String.valueOf(near),
        String.valueOf(copies),
        folder.toString(),
        uri,
        routes.entrySet().stream()
            .map(route -> route.getKey() + "=" + route.getValue())
            .collect(Collectors.joining(",")));
  }

  static WorkerSettings of(String... arguments) {
    return new WorkerSettings(
        Integer.parseInt(arguments[0]),
        Integer.parseInt(arguments[1]),
        Long.parseLong(arguments[2]),
        Mix.valueOf(arguments[3]),
        Long.parseLong(arguments[4]),
        Boolean.parseBoolean(arguments[5]),
        Integer.parseInt(arguments[6]),
        Path.of(arguments[7]),
        arguments[8],
        Arrays.stream(arguments[9].split(","))
            .map(route -> route.split("=", 2))
            .collect(
                Collectors.toMap(
                    route -> Integer.valueOf(route[0]), route -> Integer.valueOf(route[1]))));
  }
}
