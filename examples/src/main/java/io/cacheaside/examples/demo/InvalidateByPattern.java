package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import java.util.List;

/** A pattern invalidates the keys that match it, counts them, and touches no other. */
final class InvalidateByPattern implements Scenario {
  private static final List<String> BOOKS = Catalogue.skus("book", 300);
  private static final List<String> TOYS = Catalogue.skus("toy", 200);
  private static final long CACHED = 2L * BOOKS.size() + TOYS.size();

  @Override
  public String title() {
    return "Invalidation by pattern";
  }

  @Override
  public String plan() {
    return "300 books and 200 toys are cached; the books are invalidated by one pattern.";
  }

  @Override
  public String claim() {
    return "exactly the matching keys are gone";
  }

  @Override
  public Evidence play(Stage stage) throws InterruptedException {
    Catalogue catalogue = new Catalogue(stage.database());
    try (CacheAside<String, Product> products =
            CacheAside.builder("pattern", JsonCodec.of(Product.class))
                .store(stage.store())
                .build();
        CacheAside<String, Product> others =
            CacheAside.builder("patter", JsonCodec.of(Product.class))
                .store(stage.store())
                .build()) {
      products.getAll(BOOKS, catalogue::findAll);
      products.getAll(TOYS, catalogue::findAll);
      others.getAll(BOOKS, catalogue::findAll);
      Stage.await(
          "all to be cached", () -> products.stats().fills() + others.stats().fills() == CACHED);
      // snippet
      long removed = products.invalidateMatching("book-*");
      // end
      long books = cached(products, BOOKS);
      long toys = cached(products, TOYS);
      long otherBooks = cached(others, BOOKS);
      stage.screen().say("invalidateMatching returned %d", removed);
      stage
          .screen()
          .say(
              "still cached: %d books, %d toys, %d books of another cache",
              books, toys, otherBooks);
      return Evidence.of(
          exactly(BOOKS.size(), removed, "removed"),
          exactly(0, books, "books left"),
          exactly(TOYS.size(), toys, "toys left"),
          exactly(BOOKS.size(), otherBooks, "left of another cache"));
    }
  }

  private static long cached(CacheAside<String, Product> products, List<String> skus) {
    return skus.stream().filter(sku -> products.lookup(sku).value().isPresent()).count();
  }
}
