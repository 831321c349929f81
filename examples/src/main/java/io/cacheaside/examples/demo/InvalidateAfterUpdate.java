package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import java.util.Objects;

/** After an invalidation nobody reads the old value. */
final class InvalidateAfterUpdate implements Scenario {
  private static final String SKU = "book-0100";
  private static final int UPDATES = 100;

  @Override
  public String title() {
    return "Invalidation after an update";
  }

  @Override
  public String plan() {
    return "A price changes. Without an invalidation the cache keeps the old one; with it, never.";
  }

  @Override
  public String claim() {
    return "an update that invalidates leaves no old value";
  }

  @Override
  public Evidence play(Stage stage) {
    Catalogue catalogue = new Catalogue(stage.database());
    try (CacheAside<String, Product> products =
        CacheAside.builder("invalidation", JsonCodec.of(Product.class))
            .store(stage.store())
            .build()) {
      long oldPrice = price(products, catalogue);
      catalogue.setPrice(SKU, oldPrice + 1);
      long unchanged = price(products, catalogue);
      stage
          .screen()
          .say("price %d, changed to %d, still cached: %d", oldPrice, oldPrice + 1, unchanged);
      products.invalidate(SKU);
      stage.screen().say("after an invalidation: %d", price(products, catalogue));

      long staleReads = 0;
      long before = stage.database().queries();
      for (long cents = 1; cents <= UPDATES; cents++) {
        update(products, catalogue, cents);
        staleReads += price(products, catalogue) == cents ? 0 : 1;
      }
      long queries = stage.database().queries() - before;
      stage.screen().say("%d times written, invalidated and read: %d stale", UPDATES, staleReads);
      return Evidence.of(
          exactly(1, unchanged == oldPrice ? 1 : 0, "old price without invalidation"),
          exactly(0, staleReads, "stale reads of " + UPDATES + " with it"),
          exactly(UPDATES, queries, "SQL queries"));
    }
  }

  private static void update(
      CacheAside<String, Product> products, Catalogue catalogue, long cents) {
    // snippet
    products.writeThenInvalidate(SKU, () -> catalogue.setPrice(SKU, cents));
    // end
  }

  private static long price(CacheAside<String, Product> products, Catalogue catalogue) {
    // snippet
    Product product = products.get(SKU, catalogue::find);
    // end
    return Objects.requireNonNull(product).priceCents();
  }
}
