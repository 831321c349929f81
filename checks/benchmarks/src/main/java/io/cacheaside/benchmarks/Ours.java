package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** This library. */
final class Ours implements Contender.Async, Contender.Bulk, Contender.Loading {
  static final String NAME = "cache-aside";

  private final RedisStore store;
  private final CacheAside<String, Order> cache;

  Ours(String redisUri) {
    this(redisUri, UnaryOperator.identity());
  }

  Ours(String redisUri, UnaryOperator<CacheAsideBuilder<String, Order>> options) {
    store = store(redisUri);
    cache =
        options
            .apply(
                CacheAside.builder("orders", Order.CODEC)
                    .ttl(Duration.ofMillis(Peers.TTL_MILLIS))
                    .store(store))
            .build();
  }

  static RedisStore store(String redisUri) {
    return RedisStore.builder().uri(redisUri).commandTimeout(Peers.COMMAND_TIMEOUT).connect();
  }

  static Ours on(RedisServer server) {
    return new Ours(server.uri());
  }

  CacheAside<String, Order> cache() {
    return cache;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void put(String key, Order order) {
    cache.put(key, order);
  }

  @Override
  public @Nullable Order get(String key) {
    return cache.get(key, k -> null);
  }

  @Override
  public CompletableFuture<@Nullable Order> getAsync(String key) {
    return cache.async().get(key, k -> CompletableFuture.completedFuture(null));
  }

  @Override
  public Map<String, Order> getAll(List<String> keys) {
    return cache.getAll(keys, missing -> Map.of());
  }

  @Override
  public @Nullable Order get(String key, Supplier<Order> loader) {
    return cache.get(key, k -> loader.get());
  }

  @Override
  public void close() {
    cache.close();
    store.close();
  }
}
