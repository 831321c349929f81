package io.cacheaside.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** A bucket of Redisson for each key. */
final class RedissonBucket implements Contender.Async, Contender.Bulk, Contender.Loading {
  private final RedissonClient client;

  RedissonBucket(String redisUri) {
    client = connect(redisUri);
  }

  static RedissonClient connect(String redisUri) {
    Config config = new Config();
    config.setCodec(new OrderCodec());
    config.useSingleServer().setAddress(redisUri);
    return Redisson.create(config);
  }

  @Override
  public String name() {
    return "Redisson, bucket";
  }

  private RBucket<Order> bucket(String key) {
    return client.getBucket(key);
  }

  @Override
  public void put(String key, Order order) {
    bucket(key).set(order, Duration.ofMillis(Peers.TTL_MILLIS));
  }

  @Override
  public @Nullable Order get(String key) {
    return bucket(key).get();
  }

  @Override
  public CompletionStage<@Nullable Order> getAsync(String key) {
    return bucket(key).getAsync();
  }

  @Override
  public Map<String, Order> getAll(List<String> keys) {
    return client.getBuckets().get(keys.toArray(String[]::new));
  }

  @Override
  public @Nullable Order get(String key, Supplier<Order> loader) {
    Order cached = get(key);
    if (cached != null) {
      return cached;
    }
    Order loaded = loader.get();
    put(key, loaded);
    return loaded;
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
