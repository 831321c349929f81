package io.cacheaside.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The page of the documentation with all that was measured, and its charts. What people wrote
 * between its two markers stays when it is written anew.
 */
final class Page {
  private static final String INTRODUCTION =
      """
      # Benchmarks

      **TL;DR** What this library costs, next to Caffeine, to Lettuce alone and to other Java caches on Redis, in one run
      on one machine. A figure that missed its goal says so, and by how much. `./check benchmarks` measures all of it again and
      writes this page.

      %s.

      ## Goals

      The ratio to each goal. Ratios are medians of the ratios of neighbours within a round; in brackets the smallest and
      the largest. %s

      %s
      ## How it is measured

      ```bash
      ./check benchmarks              # a few minutes
      ./check benchmarks --full       # longer rounds, and more of them
      ./check benchmarks remote miss  # some parts; ./check benchmarks --help names them
      ```

      Nothing has to be installed but a JDK. The run starts its own Redis servers, each a child process on a free port of
      the loopback interface with persistence off. `./check servers` adds `redis-benchmark`, whose figure is left out
      otherwise. Client and server share the processors, so **only ratios mean anything**, and only of one run: whatever
      else the machine does moves both sides.

      **Fairness.** All that are compared read the same %,d keys with the same orders from the same server, and decode
      them with the same JSON codec, of 256 B and of 16 KB. They take turns: A B C, A B C, and so on, after warm-up
      rounds that do not count, in one JVM with 1 GiB of heap and G1. Near hits take nanoseconds, so each of them runs in
      JVMs of its own. Everything is at its default but the time to live, one hour everywhere, and this:

      | | settings |
      |---|---|
      | cache-aside | command timeout 10 s, because a loaded machine pauses; one connection |
      | Lettuce alone | one connection; a second one, flushed by hand, for batches; the values alone without a cache |
      | Jedis | pool of 8 connections, its default, and of 128 |
      | Spring Data Redis | `RedisCacheManager` on Lettuce, one shared connection; where it says so, with its locking writer |
      | JetCache | on Lettuce, one connection; its two times before the JSON; "protected" is `cachePenetrateProtect` |
      | JetCache, two levels; Redisson, local map | as they are for near hits; "not near": with room for one entry, so that reads go to Redis |
      | Redisson | its default pool of up to 64 connections |

      Allocation is that of all threads of the process, event loops included. Decoding the order of 16 KB takes far longer
      than a round trip on this interface and is the same for all: ratios of that size are near 1 whatever else differs,
      and goals for throughput are out of reach there.

      """;
  private static final String NOTES = "<!-- notes: kept by the next run -->";
  private static final String END_OF_NOTES = "<!-- end of notes -->";

  private final Path page;

  Page(Path page) {
    this.page = page;
  }

  void write(String measured, Report report) throws IOException {
    String text =
        INTRODUCTION.formatted(measured, report.count(), report.goals(), Keys.COUNT)
            + notes()
            + report.text();
    Files.writeString(page, text);
    for (Chart chart : report.charts()) {
      Path file = page.resolveSibling(chart.path());
      Files.createDirectories(file.getParent());
      Files.writeString(file, chart.svg());
    }
  }

  /** Returns what people wrote on the page that is there, with the markers around it. */
  private String notes() throws IOException {
    String old = Files.exists(page) ? Files.readString(page) : "";
    int begin = old.indexOf(NOTES);
    int end = old.indexOf(END_OF_NOTES);
    String kept = begin < 0 || end < begin ? "\n\n" : old.substring(begin + NOTES.length(), end);
    return NOTES + kept + END_OF_NOTES + "\n\n";
  }
}
