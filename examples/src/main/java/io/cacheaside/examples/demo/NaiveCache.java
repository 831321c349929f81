package io.cacheaside.examples.demo;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.function.ToLongFunction;

/**
 * Cache-aside as it is usually written: GET, on a miss SELECT and SET; DEL after an update. It is
 * correct until a reader takes its time between SELECT and SET.
 */
final class NaiveCache implements PriceCache {
  private static final SetArgs TTL = SetArgs.Builder.ex(Duration.ofMinutes(10));

  private final RedisCommands<String, String> redis;
  private final String prefix;

  NaiveCache(RedisCommands<String, String> redis, String prefix) {
    this.redis = redis;
    this.prefix = prefix;
  }

  @Override
  public long get(String sku, ToLongFunction<String> loader) {
    // snippet
    String cached = redis.get(prefix + sku);
    if (cached != null) {
      return Long.parseLong(cached);
    }
    long price = loader.applyAsLong(sku);
    redis.set(prefix + sku, Long.toString(price), TTL); // it may be outdated by now
    return price;
    // end
  }

  @Override
  public void invalidate(String sku) {
    redis.del(prefix + sku);
  }
}
