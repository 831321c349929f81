package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.atLeast;
import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.redis.RedisStore;
import java.util.ArrayList;
import java.util.List;

/** Redis goes away under load and comes back: readers never notice, writers are told. */
final class RedisOutage implements Scenario {
  private static final List<String> SKUS = Catalogue.skus("game", 50);
  private static final String SKU = SKUS.get(0);
  private static final long NEW_PRICE = 77_700;
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
  public Evidence play(Stage stage) throws Exception {
    Catalogue catalogue = new Catalogue(stage.database());
    try (RedisStore store = stage.connectFragile();
        CacheAside<String, Product> products =
            CacheAside.builder("outage", JsonCodec.of(Product.class)).store(store).build();
        Readers readers = new Readers(products, catalogue, SKUS)) {
      readers.start();
      readers.awaitHits(ENOUGH);
      stage.screen().say("with Redis: %,d reads answered", readers.answers());

      stage.redis().lose();
      long answered = readers.awaitAnswers(ENOUGH);
      stage.screen().say("%s: %,d more reads answered", stage.redis().loss(), answered);
      List<String> invalidateLater = new ArrayList<>();
      update(products, catalogue, invalidateLater);
      stage.screen().say("a price changes; invalidations that failed: %s", invalidateLater);

      stage.redis().bringBack();
      long hits = readers.awaitHits(ENOUGH);
      stage.awaitStore();
      stage.screen().say("Redis is back: %,d hits", hits);
      products.invalidateAll(invalidateLater);
      Product product = products.get(SKU, catalogue::find);
      boolean stale = product == null || product.priceCents() != NEW_PRICE;
      return Evidence.of(
          exactly(0, readers.stop(), "failed reads"),
          atLeast(ENOUGH, answered, "answered without Redis"),
          exactly(1, invalidateLater.size(), "failed invalidation of 1 seen"),
          exactly(0, stale ? 1 : 0, "stale after repeating it"),
          atLeast(ENOUGH, hits, "hits afterwards"));
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
}
