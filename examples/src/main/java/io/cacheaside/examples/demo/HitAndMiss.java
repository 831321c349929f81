package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.store.Store;
import java.time.Duration;
import java.util.List;

/** The first read of a key asks the database, the others do not. */
final class HitAndMiss implements Scenario {
  private static final List<String> SKUS = Catalogue.skus("book", 20);
  private static final int MORE_READS = 50;

  @Override
  public String title() {
    return "Hit and miss";
  }

  @Override
  public String plan() {
    return "20 products are read 51 times each. Only the first read of each needs the database.";
  }

  @Override
  public String claim() {
    return "one query for each key, then hits";
  }

  @Override
  public Evidence play(Stage stage) {
    try (CacheAside<String, Product> products = productsIn(stage.store())) {
      Catalogue catalogue = new Catalogue(stage.database());
      read(products, catalogue, Catalogue.skus("toy", 200), 2); // the JVM gets warm
      long hitsBefore = products.stats().hits();

      var first = Measured.of(stage.database(), () -> read(products, catalogue, SKUS, 1));
      tell(stage.screen(), "first", first);
      var later = Measured.of(stage.database(), () -> read(products, catalogue, SKUS, MORE_READS));
      tell(stage.screen(), "later", later);
      return Evidence.of(
          exactly(SKUS.size(), first.queries(), "SQL queries for the first reads"),
          exactly(0, later.queries(), "for the later"),
          exactly(later.result(), products.stats().hits() - hitsBefore, "hits"));
    }
  }

  private static CacheAside<String, Product> productsIn(Store store) {
    // snippet
    CacheAside<String, Product> products =
        CacheAside.builder("hit-and-miss", JsonCodec.of(Product.class))
            .store(store)
            .ttl(Duration.ofMinutes(10))
            .build();
    // end
    return products;
  }

  /** Reads each product some times; returns how many reads found one. */
  private static int read(
      CacheAside<String, Product> products, Catalogue catalogue, List<String> skus, int times) {
    int found = 0;
    for (int i = 0; i < times; i++) {
      for (String sku : skus) {
        // snippet
        Product product = products.get(sku, catalogue::find);
        // end
        found += product == null ? 0 : 1;
      }
    }
    return found;
  }

  private static void tell(Screen screen, String which, Measured<Integer> reads) {
    screen.say(
        "%,5d %s reads: %2d SQL queries, %s each",
        reads.result(),
        which,
        reads.queries(),
        Screen.millis(reads.duration().dividedBy(reads.result())));
  }
}
