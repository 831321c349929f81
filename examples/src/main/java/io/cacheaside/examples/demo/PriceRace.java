package io.cacheaside.examples.demo;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A reader that misses against a writer that updates and invalidates, over any cache. */
final class PriceRace {
  private static final String SKU = "book-0200";
  private static final long OLD_PRICE = 1_000;
  private static final long NEW_PRICE = 1_200;
  private static final List<String> SKUS = Catalogue.skus("toy", 50);
  private static final long MAX_PAUSE_NANOS = 500_000;
  private static final long PATIENCE_SECONDS = 20;

  private final Catalogue catalogue;
  private final Crew crew;

  /**
   * Prepares the race.
   *
   * @param crew runs the reader; the writer runs on the calling thread
   */
  PriceRace(Catalogue catalogue, Crew crew) {
    this.catalogue = catalogue;
    this.crew = crew;
  }

  /** What the reader that was overtaken returned, what was written, and what is read after it. */
  record Outcome(long overtaken, long written, long readAfter) {
    boolean isStale() {
      return readAfter != written;
    }
  }

  /** Plays the race once, in the order that hurts, held by latches. */
  Outcome playStepByStep(PriceCache cache) throws Exception {
    catalogue.setPrice(SKU, OLD_PRICE);
    CountDownLatch rowRead = new CountDownLatch(1);
    CountDownLatch invalidated = new CountDownLatch(1);
    Future<Long> reader =
        crew.start(
            () ->
                cache.get(
                    SKU,
                    key -> {
                      long price = catalogue.price(key);
                      rowRead.countDown();
                      await(invalidated);
                      return price;
                    }));
    await(rowRead);
    catalogue.setPrice(SKU, NEW_PRICE);
    cache.invalidate(SKU);
    invalidated.countDown();
    long overtaken = reader.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return new Outcome(overtaken, NEW_PRICE, cache.get(SKU, catalogue::price));
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "the other side did not come in " + PATIENCE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in the race", e);
    }
  }

  /**
   * Lets reader and writer run into each other, unheld, again and again.
   *
   * @return after how many rounds a new read was stale
   */
  int storm(PriceCache cache, int rounds)
      throws InterruptedException, ExecutionException, TimeoutException {
    int stale = 0;
    for (int round = 0; round < rounds; round++) {
      String sku = SKUS.get(round % SKUS.size());
      cache.invalidate(sku);
      Future<Long> reader = crew.start(() -> cache.get(sku, this::priceSlowly));
      pause();
      catalogue.setPrice(sku, round);
      cache.invalidate(sku);
      reader.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      stale += cache.get(sku, catalogue::price) == round ? 0 : 1;
    }
    return stale;
  }

  private long priceSlowly(String sku) {
    long price = catalogue.price(sku);
    pause();
    return price;
  }

  /** Takes up to half a millisecond, as a garbage collection or a busy network would. */
  private static void pause() {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(MAX_PAUSE_NANOS));
  }
}
