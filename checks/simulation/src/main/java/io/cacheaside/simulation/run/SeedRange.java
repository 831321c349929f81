package io.cacheaside.simulation.run;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Runs consecutive seeds, one at a time on each processor. */
public final class SeedRange {
  private static final long PROGRESS_SECONDS = 10;

  private final long from;
  private final long count;
  private final PrintStream progress;
  private final AtomicLong started = new AtomicLong();
  private final LongAdder operations = new LongAdder();
  private final LongAdder violations = new LongAdder();
  private @Nullable Run first;

  /**
   * What came of it.
   *
   * @param first the run of the lowest seed that broke a guarantee; null if none did
   */
  public record Outcome(long seeds, long operations, long violations, @Nullable Run first) {}

  public SeedRange(long from, long count, PrintStream progress) {
    this.from = from;
    this.count = count;
    this.progress = progress;
  }

  public Outcome run() throws InterruptedException, ExecutionException {
    int processors = Runtime.getRuntime().availableProcessors();
    ExecutorService threads = Executors.newFixedThreadPool(processors);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < processors; i++) {
        workers.add(threads.submit(this::runSome));
      }
      for (Future<?> worker : workers) {
        await(worker);
      }
    } finally {
      threads.shutdownNow();
    }
    return new Outcome(count, operations.sum(), violations.sum(), first);
  }

  private void await(Future<?> worker) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        worker.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException stillRunning) {
        long done = Math.min(started.get(), count);
        progress.printf("%,d of %,d seeds, %d violations%n", done, count, violations.sum());
      }
    }
  }

  private void runSome() {
    for (long i = started.getAndIncrement(); i < count; i = started.getAndIncrement()) {
      Run run = new Simulation(from + i).run();
      operations.add(run.operations());
      if (run.violation() != null) {
        violations.increment();
        keepFirst(run);
      }
    }
  }

  private synchronized void keepFirst(Run run) {
    if (first == null || run.seed() < first.seed()) {
      first = run;
    }
  }
}
