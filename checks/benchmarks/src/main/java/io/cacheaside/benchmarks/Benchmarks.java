package io.cacheaside.benchmarks;

import com.alicp.jetcache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.LettuceVersion;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.util.Version;
import org.redisson.Redisson;
import org.springframework.data.redis.cache.RedisCacheManager;
import redis.clients.jedis.Jedis;

/**
 * Measures, prints the tables and writes them into the file that the first argument names; if all
 * was measured, also the page that the second one names.
 */
final class Benchmarks {
  private static final List<String> PARTS =
      List.of(
          "near",
          "remote",
          "async",
          "batch",
          "hotkey",
          "miss",
          "stampede",
          "clear",
          "bytes",
          "memory",
          "wake",
          "propagation");
  private static final String USAGE =
      """
      Usage: ./check benchmarks [--full] [name...]
        near         a hit of the near cache, next to Caffeine alone
        remote       a hit in Redis, next to Lettuce alone and to other libraries
        async        the same by callers that do not wait
        batch        100 hits at once
        hotkey       hits of one key by many threads at once
        miss         round trips of a miss, before and after its loader
        stampede     many callers in several JVMs that miss one key
        clear        invalidations of many entries at once
        bytes        headers and codecs, in bytes and time
        memory       what a near entry takes beyond Caffeine's
        wake         how fast waiters in other JVMs get what was loaded
        propagation  how long a near value is used elsewhere after its invalidation
      Without names: all of them, which writes docs/benchmarks.md. --full measures longer.
      """;

  private Benchmarks() {}

  public static void main(String... args) throws Exception {
    List<String> options = new ArrayList<>(Arrays.asList(args).subList(2, args.length));
    boolean full = options.remove("--full");
    if (!PARTS.containsAll(options)) {
      System.err.print(USAGE);
      System.exit(2);
    }
    List<String> parts = options.isEmpty() ? PARTS : options;
    String load = load();
    Report report = new Report();
    boolean complete = run(parts, full ? Effort.FULL : Effort.QUICK, report);
    String measured =
        "Measured on %s, in a %s run; load of the machine %s before, %s after"
            .formatted(machine(), full ? "full" : "quick", load, load());
    String text =
        "%s.%n%n%s%n%s%n%n%s".formatted(measured, report.text(), report.count(), report.goals());
    System.out.println(text);
    Files.writeString(Path.of(args[0]), text);
    if (options.isEmpty()) {
      new Page(Path.of(args[1])).write(measured, report);
    }
    System.exit(complete ? 0 : 1);
  }

  /** Returns whether all could be measured; what could not is named in the report. */
  private static boolean run(List<String> parts, Effort effort, Report report) {
    boolean complete = true;
    for (String part : PARTS) {
      if (parts.contains(part)) {
        complete &= isMeasured(part, effort, report);
      }
    }
    return complete;
  }

  private static boolean isMeasured(String part, Effort effort, Report report) {
    try {
      run(part, effort, report);
      return true;
    } catch (Exception e) {
      e.printStackTrace();
      report.addText("The rest of this part could not be measured: %s.".formatted(e));
      return false;
    }
  }

  private static void run(String part, Effort effort, Report report) throws Exception {
    switch (part) {
      case "near" -> new Hits(effort, report).near();
      case "remote" -> RemoteHits.measure(effort, report);
      case "async" -> AsyncHits.measure(effort, report);
      case "batch" -> Batches.measure(effort, report);
      case "hotkey" -> HotKey.measure(effort, report);
      case "miss" -> Misses.measure(effort, report);
      case "stampede" -> Stampede.measure(effort, report);
      case "clear" -> Clearing.measure(effort, report);
      case "bytes" -> Bytes.measure(effort, report);
      case "memory" -> NearMemory.measure(report);
      case "wake" -> Wake.measure(effort, report);
      case "propagation" -> Propagation.measure(effort, report);
      default -> throw new IllegalArgumentException(part);
    }
  }

  private static String machine() {
    try (RedisServer server = RedisServer.start()) {
      return String.join(
          ", ",
          LocalDate.now(ZoneOffset.UTC).toString(),
          Runtime.getRuntime().availableProcessors() + " processors",
          System.getProperty("os.name") + " " + System.getProperty("os.arch"),
          "Java " + System.getProperty("java.version"),
          "Caffeine " + Caffeine.class.getPackage().getImplementationVersion(),
          "Lettuce " + LettuceVersion.getVersion().replaceFirst("/.*", ""),
          "Jedis " + version(Jedis.class),
          "Spring Data Redis " + version(RedisCacheManager.class),
          "JetCache " + version(Cache.class),
          "Redisson " + version(Redisson.class),
          "Redis " + server.info("server").get("redis_version"),
          "JMH " + Version.getPlainVersion());
    }
  }

  /** As it stands in the name of its jar. */
  private static String version(Class<?> type) {
    String jar = type.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceFirst(".*-([0-9][^-]*)\\.jar$", "$1");
  }

  private static String load() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return Samples.format(system.getSystemLoadAverage());
  }

  /** Says how far it is, apart from the table. */
  static void progress(String format, Object... arguments) {
    System.err.println(String.format(Locale.ROOT, format, arguments));
  }
}
