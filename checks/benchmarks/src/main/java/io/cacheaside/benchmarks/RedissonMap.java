package io.cacheaside.benchmarks;

import org.jspecify.annotations.Nullable;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.api.options.LocalCachedMapOptions.EvictionPolicy;

/** A map of Redisson with a part of it in the process. */
final class RedissonMap implements Contender {
  private final String name;
  private final RedissonClient client;
  private final RLocalCachedMap<String, Order> map;

  RedissonMap(String name, int localEntries, String redisUri) {
    this.name = name;
    client = RedissonBucket.connect(redisUri);
    map =
        client.getLocalCachedMap(
            LocalCachedMapOptions.<String, Order>name("orders of Redisson")
                .cacheSize(localEntries)
                .evictionPolicy(EvictionPolicy.LRU));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String key, Order order) {
    map.fastPut(key, order);
  }

  @Override
  public @Nullable Order get(String key) {
    return map.get(key);
  }

  @Override
  public void close() {
    map.destroy();
    client.shutdown();
  }
}
