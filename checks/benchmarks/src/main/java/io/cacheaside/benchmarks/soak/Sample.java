package io.cacheaside.benchmarks.soak;

import io.cacheaside.testkit.RedisServer;
import java.lang.management.ManagementFactory;
import java.util.Objects;

/** What process and server hold at one moment. */
record Sample(
    double heapMebibytes,
    double threads,
    double connections,
    double serverMebibytes,
    double serverKeys) {
  private static final double BYTES_PER_MEBIBYTE = 1 << 20;

  /** The server counts the connection that asks. */
  private static final int OWN_CONNECTIONS = 1;

  /** Collects garbage before it looks at the heap. */
  static Sample take(RedisServer server) {
    System.gc();
    return new Sample(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / BYTES_PER_MEBIBYTE,
        ManagementFactory.getThreadMXBean().getThreadCount(),
        number(server, "clients", "connected_clients") - OWN_CONNECTIONS,
        number(server, "memory", "used_memory") / BYTES_PER_MEBIBYTE,
        ((Number) Objects.requireNonNull(server.command("DBSIZE"))).doubleValue());
  }

  private static double number(RedisServer server, String section, String field) {
    return Double.parseDouble(Objects.requireNonNull(server.info(section).get(field)));
  }
}
