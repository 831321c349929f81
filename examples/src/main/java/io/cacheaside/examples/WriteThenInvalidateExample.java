package io.cacheaside.examples;

import io.cacheaside.CacheAside;
import io.cacheaside.InvalidationFailedException;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Writes to the source and invalidates, and handles the one failure a writer has to know. */
public final class WriteThenInvalidateExample {
  private static final Map<String, String> DATABASE = new ConcurrentHashMap<>();

  private WriteThenInvalidateExample() {}

  /** Runs it; {@code args[0]} is the URI of a Redis, by default the local one. */
  public static void main(String... args) {
    String redisUri = args.length > 0 ? args[0] : "redis://localhost:6379";
    DATABASE.put("sku-1", "in stock");

    try (RedisStore redis = RedisStore.connect(redisUri);
        CacheAside<String, String> stock =
            CacheAside.builder("stock", Codec.string()).store(redis).build()) {

      System.out.println(stock.get("sku-1", DATABASE::get));
      sell(stock, "sku-1");
      System.out.println(stock.get("sku-1", DATABASE::get));
    }
  }

  private static void sell(CacheAside<String, String> stock, String sku) {
    try {
      stock.writeThenInvalidate(sku, () -> DATABASE.put(sku, "sold out")); // commits
    } catch (InvalidationFailedException e) {
      // Sold, but Redis did not confirm: others may read the old state until its TTL ends.
      // Invalidating again is always safe, here or from a queue of your own.
      System.out.println(e.getMessage());
    }
  }
}
