package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.benchmarks.Report.Value;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long callers in other JVMs still wait after the loader that they wait for has
 * returned, how long as many threads in as many JVMs wait for a message of the server after it was
 * published, and how long a PING takes at the same time on the same machine.
 */
final class Wake {
  static final int WAITERS_EACH = 25;

  private static final int JVMS = 4;
  private static final int SETTLE_MILLIS = 200;
  private static final int PINGS = 200;
  private static final double NANOS_PER_MICRO = 1_000;

  private final Effort effort;
  private final List<Double> all = new ArrayList<>();
  private final List<Double> filled = new ArrayList<>();
  private final List<Double> firsts = new ArrayList<>();
  private final List<Double> medians = new ArrayList<>();
  private final List<Double> slowest = new ArrayList<>();
  private final List<Double> messages = new ArrayList<>();
  private final List<Double> pings = new ArrayList<>();
  private final List<Double> lonePings = new ArrayList<>();

  private Wake(Effort effort) {
    this.effort = effort;
  }

  static void measure(Effort effort, Report report)
      throws IOException, InterruptedException, ExecutionException {
    report.begin(
        "Wake of waiters",
        """
        Callers in other JVMs wait for one load. How long they still wait after its loader has returned.""");
    Wake wake = new Wake(effort);
    wake.run();
    wake.report(report);
  }

  private void run() throws IOException, InterruptedException, ExecutionException {
    ExecutorService leader = Executors.newSingleThreadExecutor();
    List<WaitingJvm> jvms = new ArrayList<>();
    List<WaitingJvm> listeners = new ArrayList<>();
    try (RedisServer server = RedisServer.start()) {
      try (RedisStore store = Ours.store(server.uri());
          CacheAside<String, String> cache = WaitingJvm.cacheOn(store);
          RedisClient client = RedisClient.create(server.uri())) {
        for (int i = 0; i < JVMS; i++) {
          jvms.add(WaitingJvm.start(server.uri(), WaitingJvm.Wait.VALUE));
          listeners.add(WaitingJvm.start(server.uri(), WaitingJvm.Wait.MESSAGE));
        }
        measure(cache, leader, jvms, listeners, client.connect().sync());
      } finally {
        jvms.forEach(WaitingJvm::close);
        listeners.forEach(WaitingJvm::close);
        leader.shutdownNow();
      }
    }
  }

  private void measure(
      CacheAside<String, String> cache,
      ExecutorService leader,
      List<WaitingJvm> jvms,
      List<WaitingJvm> listeners,
      RedisCommands<String, String> commands)
      throws IOException, InterruptedException, ExecutionException {
    for (int i = 0; i < effort.wakeWarmups(); i++) {
      load("warm-up-" + i, cache, leader, jvms, 0);
      publish("warm-up-" + i, commands, listeners, 0);
      commands.ping();
    }
    Benchmarks.progress("Wake: warmed up by %d loads", effort.wakeWarmups());
    forget();
    for (int i = 0; i < effort.wakes(); i++) {
      load("user-" + i, cache, leader, jvms, SETTLE_MILLIS);
      publish("user-" + i, commands, listeners, SETTLE_MILLIS);
      ping(commands);
    }
    Benchmarks.progress(
        "Wake: %d loads, the median waiter %s µs after the loader, a PING %s µs",
        effort.wakes(),
        Samples.format(Samples.of(all).median()),
        Samples.format(Samples.of(pings).median()));
  }

  private void forget() {
    List.of(all, filled, firsts, medians, slowest, messages, pings, lonePings).forEach(List::clear);
  }

  /** Lets everybody wait for one load, and ends it. */
  private void load(
      String key,
      CacheAside<String, String> cache,
      ExecutorService leader,
      List<WaitingJvm> jvms,
      int settleMillis)
      throws IOException, InterruptedException, ExecutionException {
    CompletableFuture<@Nullable Void> began = new CompletableFuture<>();
    CompletableFuture<String> loaded = new CompletableFuture<>();
    CompletableFuture<Long> returned = new CompletableFuture<>();
    Future<Long> load =
        leader.submit(
            () -> {
              cache.get(
                  key,
                  k -> {
                    began.complete(null);
                    String value = loaded.join();
                    returned.complete(System.nanoTime());
                    return value;
                  });
              return System.nanoTime();
            });
    began.join();
    letWait(key, jvms, settleMillis);
    loaded.complete("value of " + key);
    filled.add((load.get() - returned.join()) / NANOS_PER_MICRO);
    List<Double> micros = returnsAfter(returned.join(), jvms);
    Samples round = Samples.of(micros);
    all.addAll(micros);
    firsts.add(round.percentile(0));
    medians.add(round.median());
    slowest.add(round.percentile(99));
  }

  /** Lets everybody wait for one message of the server, and sends it. */
  private void publish(
      String key,
      RedisCommands<String, String> commands,
      List<WaitingJvm> listeners,
      int settleMillis)
      throws IOException, InterruptedException {
    letWait(key, listeners, settleMillis);
    long sentNanos = System.nanoTime();
    commands.publish(WaitingJvm.CHANNEL, key);
    messages.addAll(returnsAfter(sentNanos, listeners));
  }

  private static void letWait(String key, List<WaitingJvm> jvms, int settleMillis)
      throws IOException, InterruptedException {
    for (WaitingJvm jvm : jvms) {
      jvm.waitFor(key);
    }
    for (WaitingJvm jvm : jvms) {
      jvm.awaitWaiting();
    }
    Thread.sleep(settleMillis);
  }

  private static List<Double> returnsAfter(long nanos, List<WaitingJvm> jvms) throws IOException {
    List<Double> micros = new ArrayList<>();
    for (WaitingJvm jvm : jvms) {
      for (long returned : jvm.returns()) {
        micros.add((returned - nanos) / NANOS_PER_MICRO);
      }
    }
    return micros;
  }

  private void ping(RedisCommands<String, String> commands) throws InterruptedException {
    Thread.sleep(SETTLE_MILLIS);
    lonePings.add(timed(commands::ping));
    for (int i = 0; i < PINGS; i++) {
      pings.add(timed(commands::ping));
    }
  }

  private static double timed(Runnable action) {
    long began = System.nanoTime();
    action.run();
    return (System.nanoTime() - began) / NANOS_PER_MICRO;
  }

  private void report(Report report) {
    Samples ping = Samples.of(pings);
    Value pinged =
        new Value(
            ping.median(),
            Samples.format(ping.percentile(5)) + " to " + Samples.format(ping.percentile(95)));
    Value pingedAlone = Value.medianOf(Samples.of(lonePings));
    Value median = new Value(Samples.of(all).median(), Samples.of(medians).spread());
    Value p99 = new Value(Samples.of(all).percentile(99), Samples.of(slowest).spread());
    Value first = Value.medianOf(Samples.of(firsts));
    String figure = "Wake of " + JVMS * WAITERS_EACH + " waiters in " + JVMS + " JVMs";
    row(report, figure + ": median", median, "PING after PING", pinged, Goal.ratio(3));
    Value message = Value.medianOf(Samples.of(messages));
    row(report, figure + ": median", median, "waiters for one message", message, Goal.NONE);
    row(report, figure + ": p99", p99, "PING after PING", pinged, Goal.NONE);
    row(report, figure + ": first", first, "PING after PING", pinged, Goal.NONE);
    row(report, figure + ": median", median, "PING after a pause", pingedAlone, Goal.NONE);
    Value fill = Value.medianOf(Samples.of(filled));
    row(
        report,
        "Return of the caller that loads",
        fill,
        "PING after a pause",
        pingedAlone,
        Goal.NONE);
  }

  private static void row(
      Report report, String figure, Value value, String other, Value its, Goal goal) {
    Value ratio = new Value(value.number() / its.number(), "");
    report.addRatio(figure, "µs", value, other, its, ratio, goal);
  }
}
