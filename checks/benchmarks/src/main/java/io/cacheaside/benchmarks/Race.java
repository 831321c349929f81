package io.cacheaside.benchmarks;

import com.sun.management.ThreadMXBean;
import io.cacheaside.benchmarks.Turns.Cost;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Lets several do the same in turns, for what takes a round trip or longer: in this JVM, against
 * one server, each with the same number of threads for the same time. What takes nanoseconds is
 * left to {@link Hits}.
 */
final class Race implements AutoCloseable {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final double NANOS_PER_MICRO = 1_000;

  private final Effort effort;
  private final int threads;
  private final ExecutorService callers;
  private final Map<String, Work> entrants = new LinkedHashMap<>();

  /** One operation, which any number of threads do. */
  interface Work {
    void run(Keys keys) throws Exception;

    /** Waits until all is done that was begun. */
    default void settle() throws Exception {}
  }

  Race(Effort effort, int threads) {
    this(effort, threads, Executors.newFixedThreadPool(threads));
  }

  Race(Effort effort, int threads, ExecutorService callers) {
    this.effort = effort;
    this.threads = threads;
    this.callers = callers;
  }

  void enter(String name, Work work) {
    entrants.put(name, work);
  }

  /** Lets all of them run for a while, so that they are compiled. */
  void warmUp(int laps) throws InterruptedException, ExecutionException {
    for (int i = 0; i < laps; i++) {
      for (Work work : entrants.values()) {
        lap(work);
      }
    }
  }

  /** Warms all of them up, and then measures them in turns, of which each time another is first. */
  Turns run(String what) throws InterruptedException, ExecutionException {
    warmUp(effort.warmUpLaps());
    List<Map.Entry<String, Work>> order = new ArrayList<>(entrants.entrySet());
    Turns turns = new Turns();
    for (int round = 0; round < effort.laps(); round++) {
      for (Map.Entry<String, Work> entrant : order) {
        turns.add(entrant.getKey(), lap(entrant.getValue()));
      }
      Collections.rotate(order, -1);
    }
    for (String name : entrants.keySet()) {
      Benchmarks.progress(
          "%s: %s %s µs, p99 %s µs, %s B/op",
          what,
          name,
          Samples.format(turns.value(name, Cost::nanos).number() / NANOS_PER_MICRO),
          Samples.format(turns.value(name, Cost::p99Nanos).number() / NANOS_PER_MICRO),
          turns.value(name, Cost::bytes).text());
    }
    return turns;
  }

  private Cost lap(Work work) throws InterruptedException, ExecutionException {
    long allocated = allocatedBytes();
    long beganNanos = System.nanoTime();
    long endNanos = beganNanos + effort.lapMillis() * 1_000_000L;
    List<Future<Latencies>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      running.add(callers.submit(() -> repeat(work, endNanos)));
    }
    Latencies latencies = new Latencies();
    for (Future<Latencies> each : running) {
      latencies.addAll(each.get());
    }
    settle(work);
    double nanos = (double) (System.nanoTime() - beganNanos) * threads / latencies.total();
    double bytes = (double) (allocatedBytes() - allocated) / latencies.total();
    return new Cost(nanos, bytes, latencies.percentile(99));
  }

  private static Latencies repeat(Work work, long endNanos) throws Exception {
    Latencies latencies = new Latencies();
    Keys keys = new Keys();
    long before = System.nanoTime();
    do { // at least once, however late the thread gets to run
      work.run(keys);
      long after = System.nanoTime();
      latencies.add(after - before);
      before = after;
    } while (before < endNanos);
    return latencies;
  }

  private static void settle(Work work) throws ExecutionException {
    try {
      work.settle();
    } catch (Exception e) {
      throw new ExecutionException(e);
    }
  }

  /** Of all threads that live; those of a race do until it has ended. */
  private static long allocatedBytes() {
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(each -> each > 0).sum();
  }

  @Override
  public void close() {
    callers.shutdownNow();
  }
}
