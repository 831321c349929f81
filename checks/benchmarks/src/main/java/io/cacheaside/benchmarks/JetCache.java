package io.cacheaside.benchmarks;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheGetResult;
import com.alicp.jetcache.CacheValueHolder;
import com.alicp.jetcache.MultiLevelCacheBuilder;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import io.lettuce.core.RedisClient;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** JetCache on Lettuce, remote alone or with a level in the process. */
final class JetCache implements Contender.Async, Contender.Bulk, Contender.Loading {
  private final String name;
  private final RedisClient client;
  private final Cache<String, Order> cache;

  private JetCache(String name, RedisClient client, Cache<String, Order> cache) {
    this.name = name;
    this.client = client;
    this.cache = cache;
  }

  static JetCache remote(String redisUri) {
    RedisClient client = RedisClient.create(redisUri);
    return new JetCache("JetCache, remote", client, remoteOn(client, false));
  }

  /** Lets callers in one JVM wait for each other's loads. */
  static JetCache protecting(String redisUri) {
    RedisClient client = RedisClient.create(redisUri);
    return new JetCache("JetCache, protected", client, remoteOn(client, true));
  }

  static JetCache twoLevels(String name, int localEntries, String redisUri) {
    RedisClient client = RedisClient.create(redisUri);
    Cache<String, Order> local =
        CaffeineCacheBuilder.createCaffeineCacheBuilder()
            .limit(localEntries)
            .expireAfterWrite(Peers.TTL_MILLIS, TimeUnit.MILLISECONDS)
            .buildCache();
    Cache<String, Order> both =
        MultiLevelCacheBuilder.createMultiLevelCacheBuilder()
            .addCache(local, remoteOn(client, false))
            .expireAfterWrite(Peers.TTL_MILLIS, TimeUnit.MILLISECONDS)
            .buildCache();
    return new JetCache(name, client, both);
  }

  private static Cache<String, Order> remoteOn(RedisClient client, boolean protect) {
    return RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
        .redisClient(client)
        .keyPrefix("jetcache:")
        .keyConvertor(key -> key)
        .valueEncoder(JetCache::encode)
        .valueDecoder(JetCache::decode)
        .expireAfterWrite(Peers.TTL_MILLIS, TimeUnit.MILLISECONDS)
        .cachePenetrateProtect(protect)
        .buildCache();
  }

  /** Two times before the JSON: JetCache stores a holder with both. */
  private static byte[] encode(Object value) {
    CacheValueHolder<?> holder = (CacheValueHolder<?>) value;
    byte[] json = Order.CODEC.encode((Order) holder.getValue());
    return ByteBuffer.allocate(2 * Long.BYTES + json.length)
        .putLong(holder.getExpireTime())
        .putLong(holder.getAccessTime())
        .put(json)
        .array();
  }

  private static Object decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    CacheValueHolder<Order> holder = new CacheValueHolder<>();
    holder.setExpireTime(buffer.getLong());
    holder.setAccessTime(buffer.getLong());
    holder.setValue(Order.CODEC.decode(buffer));
    return holder;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String key, Order order) {
    cache.put(key, order);
  }

  @Override
  public @Nullable Order get(String key) {
    return cache.get(key);
  }

  @Override
  public CompletionStage<@Nullable Order> getAsync(String key) {
    CacheGetResult<Order> result = cache.GET(key);
    return result.future().thenApply(data -> (Order) data.getData());
  }

  @Override
  public Map<String, Order> getAll(List<String> keys) {
    return cache.getAll(new HashSet<>(keys));
  }

  @Override
  public @Nullable Order get(String key, Supplier<Order> loader) {
    return cache.computeIfAbsent(key, k -> loader.get());
  }

  @Override
  public void close() {
    cache.close();
    client.shutdown();
  }
}
