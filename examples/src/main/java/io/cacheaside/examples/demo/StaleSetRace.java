package io.cacheaside.examples.demo;

import static io.cacheaside.examples.demo.Evidence.atLeast;
import static io.cacheaside.examples.demo.Evidence.exactly;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;

/** The race that makes naive cache-aside keep old values, played against it and this library. */
final class StaleSetRace implements Scenario {
  private static final int ROUNDS = 2_000;
  private static final String ROW = "%-36s %12s %14s";

  @Override
  public String title() {
    return "The stale-set race";
  }

  @Override
  public String plan() {
    return "A reader holds an old row while a writer updates and invalidates; then it fills the cache.";
  }

  @Override
  public String claim() {
    return "naive cache-aside goes stale, this library does not";
  }

  @Override
  public Class<?> shownSource() {
    return NaiveCache.class;
  }

  @Override
  public Evidence play(Stage stage) throws Exception {
    RedisClient client = RedisClient.create(stage.redis().uri());
    try (StatefulRedisConnection<String, String> connection = client.connect();
        CacheAside<String, Long> prices =
            CacheAside.builder("prices", JsonCodec.of(Long.class)).store(stage.store()).build();
        Crew crew = new Crew(1)) {
      PriceRace race = new PriceRace(new Catalogue(stage.database()), crew);
      PriceCache naive = new NaiveCache(connection.sync(), stage.prefix() + "naive:");
      PriceCache ours = new CacheAsidePrices(prices);

      PriceRace.Outcome naiveOutcome = race.playStepByStep(naive);
      PriceRace.Outcome ourOutcome = race.playStepByStep(ours);
      Stage.await("the fill to be refused", () -> prices.stats().refusedFills() >= 1);
      long refused = prices.stats().refusedFills();
      tell(stage.screen(), naiveOutcome, ourOutcome, refused);

      stage
          .screen()
          .say("now %,d races with each, at random: the reader dawdles up to 0.5 ms", ROUNDS);
      int naiveStale = race.storm(naive, ROUNDS);
      int ourStale = race.storm(ours, ROUNDS);
      stage.screen().say(ROW, "stale reads after them", naiveStale, ourStale);
      return Evidence.of(
          exactly(1, naiveOutcome.isStale() ? 1 : 0, "stale read by the naive cache"),
          exactly(0, ourOutcome.isStale() ? 1 : 0, "by this library"),
          exactly(1, refused, "refused fill"),
          atLeast(1, naiveStale, "stale reads of the naive cache in the storm"),
          exactly(0, ourStale, "of this library"));
    } finally {
      client.shutdown();
    }
  }

  private static void tell(
      Screen screen, PriceRace.Outcome naive, PriceRace.Outcome ours, long refused) {
    screen.say(ROW, "", "naive", "this library");
    screen.say(ROW, "reader misses and SELECTs", naive.overtaken(), ours.overtaken());
    screen.say(ROW, "writer UPDATEs and invalidates", naive.written(), ours.written());
    screen.say(ROW, "reader fills the cache with", naive.overtaken(), refused + " refused");
    screen.say(ROW, "the next reader gets", described(naive), described(ours));
  }

  private static String described(PriceRace.Outcome outcome) {
    return outcome.readAfter() + (outcome.isStale() ? " STALE" : "");
  }
}
