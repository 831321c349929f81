package io.cacheaside.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A library that reads orders from Redis, in the way its users do. */
interface Contender extends AutoCloseable {
  String name();

  void put(String key, Order order);

  /** Returns the order of a key, which is there. */
  @Nullable Order get(String key);

  @Override
  void close();

  /** One that reads without waiting. */
  interface Async extends Contender {
    CompletionStage<@Nullable Order> getAsync(String key);
  }

  /** One that reads many keys at once. */
  interface Bulk extends Contender {
    Map<String, Order> getAll(List<String> keys);
  }

  /** One that loads what is not there. */
  interface Loading extends Contender {
    @Nullable Order get(String key, Supplier<Order> loader);
  }
}
