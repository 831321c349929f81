package io.cacheaside.benchmarks;

import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.Cache.ValueWrapper;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.serializer.RedisSerializationContext.SerializationPair;
import org.springframework.data.redis.serializer.RedisSerializer;

/** The cache of Spring Data Redis, on Lettuce. */
final class SpringCache implements Contender.Loading {
  private final String name;
  private final LettuceConnectionFactory factory;
  private final Cache cache;

  private SpringCache(String name, LettuceConnectionFactory factory, RedisCacheWriter writer) {
    this.name = name;
    this.factory = factory;
    RedisCacheManager manager =
        RedisCacheManager.builder(writer)
            .cacheDefaults(
                RedisCacheConfiguration.defaultCacheConfig()
                    .entryTtl(Duration.ofMillis(Peers.TTL_MILLIS))
                    .serializeValuesWith(SerializationPair.fromSerializer(new Serializer())))
            .build();
    manager.afterPropertiesSet();
    this.cache = Objects.requireNonNull(manager.getCache("orders"));
  }

  static SpringCache byDefault(String redisUri) {
    LettuceConnectionFactory factory = connect(redisUri);
    return new SpringCache(
        "Spring Data Redis", factory, RedisCacheWriter.nonLockingRedisCacheWriter(factory));
  }

  static SpringCache locking(String redisUri) {
    LettuceConnectionFactory factory = connect(redisUri);
    return new SpringCache(
        "Spring Data Redis, locking", factory, RedisCacheWriter.lockingRedisCacheWriter(factory));
  }

  private static LettuceConnectionFactory connect(String redisUri) {
    URI uri = URI.create(redisUri);
    LettuceConnectionFactory factory = new LettuceConnectionFactory(uri.getHost(), uri.getPort());
    factory.afterPropertiesSet();
    factory.start();
    return factory;
  }

  private static final class Serializer implements RedisSerializer<Order> {
    @Override
    public byte[] serialize(@Nullable Order order) {
      return Order.CODEC.encode(Objects.requireNonNull(order));
    }

    @Override
    public @Nullable Order deserialize(byte @Nullable [] bytes) {
      return bytes == null ? null : Order.CODEC.decode(ByteBuffer.wrap(bytes));
    }
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
    ValueWrapper found = cache.get(key);
    return found == null ? null : (Order) found.get();
  }

  @Override
  public @Nullable Order get(String key, Supplier<Order> loader) {
    return cache.get(key, loader::get);
  }

  @Override
  public void close() {
    factory.destroy();
  }
}
