package io.cacheaside.examples.demo;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.lettuce.core.SslVerifyMode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What scenarios find on the stage: Redis, a store on it, the database, and the screen. */
final class Stage implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Redis redis;
  private final String prefix;
  private final Database database;
  private final Screen screen;
  private final RedisStore store;

  /**
   * Connects a store.
   *
   * @param prefix what all keys of the demo begin with
   */
  Stage(Redis redis, String prefix, Database database, Screen screen) {
    this.redis = redis;
    this.prefix = prefix;
    this.database = database;
    this.screen = screen;
    this.store = connect(redis.uri(), prefix);
  }

  /** Connects a store for which a busy machine is not yet an outage. */
  static RedisStore connect(String uri, String prefix) {
    return storeAt(uri, prefix).failFast().connect();
  }

  /** Connects a store over the address that can be lost, which is not in any certificate. */
  RedisStore connectFragile() {
    RedisStoreBuilder fragile = storeAt(redis.fragileUri(), prefix);
    boolean encrypted = redis.fragileUri().startsWith("rediss");
    return (encrypted ? fragile.verifyPeer(SslVerifyMode.CA) : fragile).connect();
  }

  private static RedisStoreBuilder storeAt(String uri, String prefix) {
    return RedisStore.builder().uri(uri).prefix(prefix).commandTimeout(Duration.ofSeconds(2));
  }

  Redis redis() {
    return redis;
  }

  String prefix() {
    return prefix;
  }

  RedisStore store() {
    return store;
  }

  Database database() {
    return database;
  }

  Screen screen() {
    return screen;
  }

  /** Waits until the store answers. */
  void awaitStore() throws InterruptedException {
    await("Redis to answer", this::storeAnswers);
  }

  private boolean storeAnswers() {
    return store
        .ping()
        .thenApply(pong -> true)
        .exceptionally(e -> false)
        .toCompletableFuture()
        .join();
  }

  /** Waits for a condition that nothing can tell us of, at most 20 s. */
  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException("waited " + PATIENCE.toSeconds() + " s for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Removes every key of the demo, unless they go with the server, and closes the store. */
  @Override
  public void close() {
    try (store) {
      if (!redis.isOwn()) {
        long removed = store.removeMatching("", "*").toCompletableFuture().join();
        screen.plain("Removed %d keys below %s from your Redis.".formatted(removed, prefix));
      }
    }
  }
}
