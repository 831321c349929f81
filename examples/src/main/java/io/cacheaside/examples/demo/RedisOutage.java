package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.atLeast;
import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.redis.RedisStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Redis goes away under load and comes back: readers never notice, writers are told. */
final class RedisOutage implements Scenario {
  private static final List<String> SKUS = Catalogue.skus("game", 50);
  private static final String SKU = SKUS.get(0);
  private static final long NEW_PRICE = 77_700;
  private static final int THREADS = 8;
  private static final int ENOUGH = 1_000;

  @Override
  public String title() {
    return "Redis lost and back, under load";
  }

  @Override
  public String plan() {
    return "8 threads read without a pause while Redis is lost and comes back.";
  }

  @Override
  public String claim() {
    return "every read is answered, a failed invalidation is seen, then there are hits again";
  }

  @Override
  public Evidence play(Stage stage) throws InterruptedException {
    try (RedisStore store = stage.connectFragile();
        CacheAside<String, Product> products =
            CacheAside.builder("outage", JsonCodec.of(Product.class)).store(store).build()) {
      Load load = new Load(products, new Catalogue(stage.database()));
      try (Crew readers = new Crew(THREADS)) {
        for (int i = 0; i < THREADS; i++) {
          readers.start(load::readUntilStopped);
        }
        return loseRedisAndBringItBack(stage, load);
      }
    }
  }

  private static Evidence loseRedisAndBringItBack(Stage stage, Load load)
      throws InterruptedException {
    try {
      load.awaitHits(ENOUGH);
      stage.screen().say("with Redis: %,d reads answered", load.answers.sum());

      stage.redis().lose();
      long answered = load.awaitAnswers(ENOUGH);
      List<String> invalidateLater = new ArrayList<>();
      update(load.products, load.catalogue, invalidateLater);
      stage.screen().say("%s: %,d more reads answered", stage.redis().loss(), answered);
      stage.screen().say("a price changes; invalidations that failed: %s", invalidateLater);

      stage.redis().bringBack();
      long hits = load.awaitHits(ENOUGH);
      stage.awaitStore();
      stage.screen().say("Redis is back: %,d hits", hits);

      load.products.invalidateAll(invalidateLater);
      long stale = load.price(SKU) == NEW_PRICE ? 0 : 1;
      return Evidence.of(
          exactly(0, load.failures.sum(), "failed reads"),
          atLeast(ENOUGH, answered, "answered without Redis"),
          exactly(1, invalidateLater.size(), "failed invalidation of 1 seen"),
          exactly(0, stale, "stale after repeating it"),
          atLeast(ENOUGH, hits, "hits afterwards"));
    } finally {
      load.stopped = true;
    }
  }

  private static void update(
      CacheAside<String, Product> products, Catalogue catalogue, List<String> invalidateLater) {
    // snippet
    try {
      products.writeThenInvalidate(SKU, () -> catalogue.setPrice(SKU, NEW_PRICE));
    } catch (InvalidationFailedException e) { // the price is changed, Redis did not confirm
      invalidateLater.add(SKU);
    }
    // end
  }

  /** Readers that never pause, and what became of their reads. */
  private static final class Load {
    final CacheAside<String, Product> products;
    final Catalogue catalogue;
    final LongAdder answers = new LongAdder();
    final LongAdder failures = new LongAdder();
    volatile boolean stopped;

    Load(CacheAside<String, Product> products, Catalogue catalogue) {
      this.products = products;
      this.catalogue = catalogue;
    }

    @Nullable Void readUntilStopped() {
      while (!stopped) {
        String sku = SKUS.get(ThreadLocalRandom.current().nextInt(SKUS.size()));
        try {
          Product product = products.get(sku, catalogue::find);
          (product != null && product.sku().equals(sku) ? answers : failures).increment();
        } catch (RuntimeException e) {
          failures.increment();
        }
      }
      return null;
    }

    long price(String sku) {
      Product product = products.get(sku, catalogue::find);
      return product == null ? -1 : product.priceCents();
    }

    /** Waits for more answered reads; returns how many there were. */
    long awaitAnswers(long more) throws InterruptedException {
      return awaitMore(more, answers::sum, "answers");
    }

    /** Waits for more hits; returns how many there were. */
    long awaitHits(long more) throws InterruptedException {
      return awaitMore(more, () -> products.stats().hits(), "hits");
    }

    private static long awaitMore(long more, LongSupplier count, String what)
        throws InterruptedException {
      long before = count.getAsLong();
      Stage.await(more + " " + what, () -> count.getAsLong() - before >= more);
      return count.getAsLong() - before;
    }
  }
}
