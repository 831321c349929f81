package io.cacheaside.benchmarks;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/** Jedis with its pool of connections. */
final class JedisPool implements Contender.Bulk, Contender.Loading {
  private final String name;
  private final RedisClient jedis;

  private JedisPool(String name, String redisUri, ConnectionPoolConfig pool) {
    this.name = name;
    URI uri = URI.create(redisUri);
    this.jedis =
        RedisClient.builder().hostAndPort(uri.getHost(), uri.getPort()).poolConfig(pool).build();
  }

  static JedisPool byDefault(String redisUri) {
    return new JedisPool("Jedis, pool of 8", redisUri, new ConnectionPoolConfig());
  }

  static JedisPool of(int connections, String redisUri) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(connections);
    pool.setMaxIdle(connections);
    return new JedisPool("Jedis, pool of " + connections, redisUri, pool);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String key, Order order) {
    jedis.set(bytes(key), Order.CODEC.encode(order), new SetParams().px(Peers.TTL_MILLIS));
  }

  @Override
  public @Nullable Order get(String key) {
    return decode(jedis.get(bytes(key)));
  }

  @Override
  public Map<String, Order> getAll(List<String> keys) {
    List<byte[]> values = jedis.mget(keys.stream().map(JedisPool::bytes).toArray(byte[][]::new));
    Map<String, Order> orders = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      Order order = decode(values.get(i));
      if (order != null) {
        orders.put(keys.get(i), order);
      }
    }
    return orders;
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

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable Order decode(byte @Nullable [] bytes) {
    return bytes == null ? null : Order.CODEC.decode(ByteBuffer.wrap(bytes));
  }

  @Override
  public void close() {
    jedis.close();
  }
}
