package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.Lookup;
import io.cacheaside.jackson.JsonCodec;
import java.time.Duration;

/** The time to live of an entry can be read, set and refreshed; at its end the key is loaded. */
final class TimeToLive implements Scenario {
  private static final String SKU = "tool-0007";
  private static final Duration OWN = Duration.ofSeconds(60);
  private static final Duration AGED = Duration.ofSeconds(59);
  private static final Duration LONGER = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  @Override
  public String title() {
    return "Time to live";
  }

  @Override
  public String plan() {
    return "The TTL of an entry is read, refreshed, made longer, and made so short that it ends.";
  }

  @Override
  public String claim() {
    return "the TTL is what it was set to, and ends the entry";
  }

  @Override
  public Evidence play(Stage stage) throws InterruptedException {
    Screen screen = stage.screen();
    Catalogue catalogue = new Catalogue(stage.database());
    try (CacheAside<String, Product> products =
        CacheAside.builder("time-to-live", JsonCodec.of(Product.class))
            .store(stage.store())
            .ttl(OWN)
            .ttlJitter(
                0) // by default entries live up to a tenth shorter, so as not to end together
            .build()) {
      long queriesBefore = stage.database().queries();
      products.get(SKU, catalogue::find);
      Stage.await("it to be cached", () -> products.stats().fills() == 1);
      screen.say("loaded:             %s", seconds(remaining(products)));
      Stage.await("a second to pass", () -> remaining(products).compareTo(AGED) < 0);
      Duration aged = remaining(products);
      screen.say("a second later:     %s", seconds(aged));

      // snippet
      products.touch(SKU); // the same time to live again, from now on
      // end
      Duration refreshed = remaining(products);
      screen.say("touched:            %s", seconds(refreshed));

      // snippet
      products.setTtl(SKU, LONGER);
      // end
      Duration longer = remaining(products);
      screen.say("set to 10 minutes:  %s", seconds(longer));

      products.setTtl(SKU, SHORT);
      Stage.await("the entry to end", () -> products.lookup(SKU) instanceof Lookup.NotCached);
      screen.say("set to 300 ms:      not cached any more after that time");
      products.get(SKU, catalogue::find);
      return Evidence.of(
          exactly(1, isBetween(aged, refreshed, OWN), "TTL refreshed"),
          exactly(1, isBetween(OWN, longer, LONGER), "made longer"),
          exactly(2, stage.database().queries() - queriesBefore, "SQL queries, one after the end"));
    }
  }

  private static Duration remaining(CacheAside<String, Product> products) {
    // snippet
    Duration remaining = products.remainingTtl(SKU).orElse(Duration.ZERO);
    // end
    return remaining;
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1e3);
  }

  private static int isBetween(Duration low, Duration value, Duration high) {
    return low.compareTo(value) < 0 && value.compareTo(high) <= 0 ? 1 : 0;
  }
}
