package io.cacheaside.benchmarks;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lettuce as it comes, on one connection; the values alone, without a cache. */
final class RawLettuce implements Contender.Async, Contender.Bulk, Contender.Loading {
  static final String NAME = "Lettuce alone";

  private final RedisClient client;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final StatefulRedisConnection<String, byte[]> pipeline;

  RawLettuce(String redisUri) {
    client = RedisClient.create(redisUri);
    RedisCodec<String, byte[]> codec = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
    connection = client.connect(codec);
    pipeline = client.connect(codec);
    pipeline.setAutoFlushCommands(false);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void put(String key, Order order) {
    connection.sync().set(key, Order.CODEC.encode(order), SetArgs.Builder.px(Peers.TTL_MILLIS));
  }

  @Override
  public @Nullable Order get(String key) {
    return decode(connection.sync().get(key));
  }

  @Override
  public CompletionStage<@Nullable Order> getAsync(String key) {
    return connection.async().get(key).thenApply(RawLettuce::decode);
  }

  /** Sends all in one write, which only one thread at a time may do. */
  @Override
  public Map<String, Order> getAll(List<String> keys) {
    Map<String, RedisFuture<byte[]>> answers = new HashMap<>();
    for (String key : keys) {
      answers.put(key, pipeline.async().get(key));
    }
    pipeline.flushCommands();
    LettuceFutures.awaitAll(10, TimeUnit.SECONDS, answers.values().toArray(RedisFuture[]::new));
    Map<String, Order> orders = new HashMap<>();
    answers.forEach((key, answer) -> put(orders, key, answer.toCompletableFuture().join()));
    return orders;
  }

  private static void put(Map<String, Order> orders, String key, byte @Nullable [] bytes) {
    Order order = decode(bytes);
    if (order != null) {
      orders.put(key, order);
    }
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

  private static @Nullable Order decode(byte @Nullable [] bytes) {
    return bytes == null ? null : Order.CODEC.decode(ByteBuffer.wrap(bytes));
  }

  @Override
  public void close() {
    connection.close();
    pipeline.close();
    client.shutdown();
  }
}
