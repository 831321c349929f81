package io.cacheaside.simulation.scale;

import io.cacheaside.Environment;
import io.cacheaside.simulation.world.Features;
import io.cacheaside.simulation.world.Scheduler;
import io.cacheaside.simulation.world.SimulatedServer;
import io.cacheaside.simulation.world.SimulatedStore;
import io.cacheaside.simulation.world.VirtualEnvironment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Many processes that read a few hot keys, on virtual time and without faults: how often the source
 * is asked, how much is sent, and how old what is read may be.
 *
 * <p>Each process reads once a second, at random moments, keys that follow Zipf's law. There are as
 * many writes in a time to live as there are keys, of any key, by any of the processes.
 */
final class ScaleRun {
  private static final Duration TTL = ScaledNode.TTL;
  private static final Duration WARM_UP = TTL;
  private static final Duration MEASURED = TTL.multipliedBy(3);
  private static final double READS_PER_SECOND = 1;
  private static final Duration LOAD_TIME = Duration.ofMillis(100);
  private static final Duration LONGEST_WAY = Duration.ofMillis(3);
  private static final double NANOS_PER_SECOND = 1e9;
  private static final String HOST = "nodes";

  /** How the processes cache. */
  enum Design {
    NEAR("near cache, told of changes by the server"),
    SHARED("no near cache"),
    BROADCAST("near caches and a shared one, each write told to all"),
    LOCAL("time to live alone, each process by itself");

    private final String words;

    Design(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * What was counted while it was measured.
   *
   * @param loads of the source
   * @param commands that the server executed, but for those that prove a connection alive
   * @param messages that told a process of a change
   * @param held values in all processes, at the end
   * @param stale reads that returned less than what had been invalidated before they began
   * @param longestStale how old such a value was at most
   */
  record Figures(
      long reads,
      long writes,
      long loads,
      long commands,
      long messages,
      long held,
      long stale,
      Duration longestStale) {}

  private final Design design;
  private final int nodes;
  private final double[] upTo;
  private final Scheduler scheduler;
  private final SimulatedServer server;
  private final List<ScaledNode> all = new ArrayList<>();
  private final Map<String, Integer> versions = new HashMap<>();
  private final Map<String, NavigableMap<Integer, Long>> toldNanos = new HashMap<>();
  private final long endNanos;
  private final long measuredNanos;
  private long reads;
  private long writes;
  private long loads;
  private long messages;
  private long commandsBefore;
  private long messagesBefore;
  private long stale;
  private long longestStaleNanos;

  ScaleRun(Design design, int nodes, int keys, long seed) {
    this.design = design;
    this.nodes = nodes;
    this.upTo = zipf(keys);
    this.scheduler = new Scheduler(seed);
    this.server = new SimulatedServer(scheduler, "server", false);
    this.measuredNanos = scheduler.nowNanos() + WARM_UP.toNanos();
    this.endNanos = measuredNanos + MEASURED.toNanos();
    Environment environment = new VirtualEnvironment(scheduler, HOST);
    for (int i = 0; i < nodes; i++) {
      all.add(node(environment));
    }
  }

  private ScaledNode node(Environment environment) {
    return switch (design) {
      case NEAR -> new CachedNode(this::load, store(), environment, true);
      case SHARED -> new CachedNode(this::load, store(), environment, false);
      case BROADCAST -> new LocalNode(this::load, this::tellAll, scheduler, store());
      case LOCAL -> new LocalNode(this::load, this::tellAll, scheduler, null);
    };
  }

  private SimulatedStore store() {
    return new SimulatedStore(scheduler, server, HOST, Features.NONE);
  }

  /** Returns the chance of the first key, of the first two, and so on. */
  private static double[] zipf(int keys) {
    double[] chances = new double[keys];
    double sum = 0;
    for (int i = 0; i < keys; i++) {
      sum += 1.0 / (i + 1);
      chances[i] = sum;
    }
    for (int i = 0; i < keys; i++) {
      chances[i] /= sum;
    }
    return chances;
  }

  Figures run() {
    after(untilNextRead(), this::readAndGoOn);
    after(TTL.dividedBy(upTo.length), this::writeAndGoOn);
    after(WARM_UP, this::begin);
    while (scheduler.nowNanos() < endNanos) {
      scheduler.step();
    }
    return new Figures(
        reads,
        writes,
        loads,
        server.commands() - commandsBefore,
        messages + server.messages() - messagesBefore,
        all.stream().mapToLong(ScaledNode::held).sum(),
        stale,
        Duration.ofNanos(longestStaleNanos));
  }

  private void begin() {
    reads = 0;
    writes = 0;
    loads = 0;
    messages = 0;
    stale = 0;
    longestStaleNanos = 0;
    commandsBefore = server.commands();
    messagesBefore = server.messages();
  }

  private void after(Duration delay, Runnable event) {
    scheduler.after(HOST, delay, event);
  }

  private Duration untilNextRead() {
    double seconds = -Math.log(1 - scheduler.random().nextDouble()) / (READS_PER_SECOND * nodes);
    return Duration.ofNanos((long) (seconds * NANOS_PER_SECOND));
  }

  private void readAndGoOn() {
    after(untilNextRead(), this::readAndGoOn);
    read();
  }

  private void writeAndGoOn() {
    after(TTL.dividedBy(upTo.length), this::writeAndGoOn);
    write();
  }

  private ScaledNode anyNode() {
    return all.get(scheduler.random().nextInt(nodes));
  }

  private void read() {
    int found = Arrays.binarySearch(upTo, scheduler.random().nextDouble());
    String key = "k" + (found < 0 ? -found - 1 : found);
    long begunNanos = scheduler.nowNanos();
    reads++;
    anyNode().read(key).thenAccept(version -> check(key, version, begunNanos));
  }

  private void write() {
    String key = "k" + scheduler.random().nextInt(upTo.length);
    int version = versions.merge(key, 1, Integer::sum);
    writes++;
    anyNode()
        .written(key)
        .thenRun(
            () ->
                toldNanos
                    .computeIfAbsent(key, k -> new TreeMap<>())
                    .put(version, scheduler.nowNanos()));
  }

  /** Counts a read that returned less than what its writer knew to be invalidated. */
  private void check(String key, int version, long begunNanos) {
    NavigableMap<Integer, Long> told = toldNanos.get(key);
    Map.Entry<Integer, Long> newer = told == null ? null : told.higherEntry(version);
    if (newer != null && newer.getValue() < begunNanos) {
      stale++;
      longestStaleNanos = Math.max(longestStaleNanos, begunNanos - newer.getValue());
    }
  }

  // ---- What the processes share -----------------------------------------------------------------

  private CompletionStage<Integer> load(String key) {
    loads++;
    int version = versions.getOrDefault(key, 0);
    CompletableFuture<Integer> loaded = new CompletableFuture<>();
    after(LOAD_TIME, () -> loaded.complete(version));
    return loaded;
  }

  /** Tells every process that subscribed to changes of one. */
  private void tellAll(String key) {
    for (ScaledNode node : all) {
      messages++;
      after(scheduler.upTo(LONGEST_WAY), () -> ((LocalNode) node).forget(key));
    }
  }
}
