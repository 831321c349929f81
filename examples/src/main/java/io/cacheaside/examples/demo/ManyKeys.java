package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Many keys are read together: one query for what is missing, none for what is cached. */
final class ManyKeys implements Scenario {
  private static final int WARM_UPS = 20;
  private static final List<String> SKUS = skus("game", "tool");

  @Override
  public String title() {
    return "Many keys at once";
  }

  @Override
  public String plan() {
    return "1,000 products are read one by one without a cache, then together through it, twice.";
  }

  @Override
  public String claim() {
    return "one query for all that is missing, none for what is cached";
  }

  @Override
  public Evidence play(Stage stage) throws InterruptedException {
    Database database = stage.database();
    Catalogue catalogue = new Catalogue(database);
    try (CacheAside<String, Product> products =
        CacheAside.builder("many-keys", JsonCodec.of(Product.class)).store(stage.store()).build()) {
      for (int i = 0; i < WARM_UPS; i++) {
        together(products, catalogue, skus("book", "toy"));
      }
      var uncached = Measured.of(database, () -> oneByOne(catalogue));
      stage.screen().say("without a cache  %s", described(uncached));
      var missing = Measured.of(database, () -> together(products, catalogue, SKUS));
      stage.screen().say("getAll, missing  %s", compared(missing, uncached));
      Stage.await("all to be cached", () -> products.stats().fills() == 2L * SKUS.size());
      var cached = Measured.of(database, () -> together(products, catalogue, SKUS));
      stage.screen().say("getAll, cached   %s", compared(cached, uncached));

      return Evidence.of(
          exactly(SKUS.size(), uncached.queries(), "queries without a cache"),
          exactly(1, missing.queries(), "when all is missing"),
          exactly(0, cached.queries(), "when all is cached"),
          exactly(
              0, differences(uncached, missing) + differences(uncached, cached), "wrong values"));
    }
  }

  private static List<String> skus(String... kinds) {
    return Stream.of(kinds).flatMap(kind -> Catalogue.skus(kind, 500).stream()).toList();
  }

  private static Map<String, Product> oneByOne(Catalogue catalogue) {
    Map<String, Product> found = new HashMap<>();
    for (String sku : SKUS) {
      found.put(sku, catalogue.find(sku));
    }
    return found;
  }

  private static Map<String, Product> together(
      CacheAside<String, Product> products, Catalogue catalogue, List<String> skus) {
    // snippet
    Map<String, Product> found = products.getAll(skus, catalogue::findAll); // WHERE sku IN (...)
    // end
    return found;
  }

  private static long differences(
      Measured<Map<String, Product>> one, Measured<Map<String, Product>> other) {
    return SKUS.stream()
        .filter(sku -> !Objects.equals(one.result().get(sku), other.result().get(sku)))
        .count();
  }

  private static String described(Measured<?> reads) {
    return "%,5d SQL queries, %9s".formatted(reads.queries(), Screen.millis(reads.duration()));
  }

  private static String compared(Measured<?> reads, Measured<?> slower) {
    double factor = (double) slower.duration().toNanos() / reads.duration().toNanos();
    return described(reads) + ", %.0f times faster".formatted(factor);
  }
}
