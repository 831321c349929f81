package io.cacheaside.examples.demo;

import io.cacheaside.CacheAside;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** The load on a cache: threads that read products at random, without a pause, until stopped. */
final class Readers implements AutoCloseable {
  private static final int THREADS = 8;
  private static final long PATIENCE_SECONDS = 20;

  private final CacheAside<String, Product> products;
  private final Catalogue catalogue;
  private final List<String> skus;
  private final Crew crew = new Crew(THREADS);
  private final List<Future<Long>> failures = new ArrayList<>();
  private final LongAdder answers = new LongAdder();
  private volatile boolean stopped;

  Readers(CacheAside<String, Product> products, Catalogue catalogue, List<String> skus) {
    this.products = products;
    this.catalogue = catalogue;
    this.skus = skus;
  }

  void start() {
    for (int i = 0; i < THREADS; i++) {
      failures.add(crew.start(this::read));
    }
  }

  /** Reads until stopped; returns how many reads failed or gave something else. */
  private long read() {
    long failed = 0;
    while (!stopped) {
      if (isAnswered(skus.get(ThreadLocalRandom.current().nextInt(skus.size())))) {
        answers.increment();
      } else {
        failed++;
      }
    }
    return failed;
  }

  private boolean isAnswered(String sku) {
    try {
      Product product = products.get(sku, catalogue::find);
      return product != null && product.sku().equals(sku);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Returns how many reads were answered. */
  long answers() {
    return answers.sum();
  }

  /** Waits for more answers; returns how many there were. */
  long awaitAnswers(long more) throws InterruptedException {
    return awaitMore(more, "answers", this::answers);
  }

  /** Waits for more hits; returns how many there were. */
  long awaitHits(long more) throws InterruptedException {
    return awaitMore(more, "hits", () -> products.stats().hits());
  }

  private static long awaitMore(long more, String what, LongSupplier count)
      throws InterruptedException {
    long before = count.getAsLong();
    Stage.await(more + " more " + what, () -> count.getAsLong() - before >= more);
    return count.getAsLong() - before;
  }

  /** Stops reading; returns how many reads failed. */
  long stop() throws InterruptedException, ExecutionException, TimeoutException {
    stopped = true;
    long failed = 0;
    for (Future<Long> failure : failures) {
      failed += failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    return failed;
  }

  @Override
  public void close() {
    stopped = true;
    crew.close();
  }
}
