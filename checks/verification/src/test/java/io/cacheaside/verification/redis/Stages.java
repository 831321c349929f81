package io.cacheaside.verification.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.Store;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** Stores, and waiting for what they do. */
final class Stages {
  static final Duration TTL = Duration.ofMinutes(5);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Stages() {}

  /** Connects to a server whose answers are awaited however slow this machine is. */
  static RedisStore connect(String uri) {
    return patient().uri(uri).connect();
  }

  /** A store whose answers are awaited however slow this machine is. */
  static RedisStoreBuilder patient() {
    return RedisStore.builder().commandTimeout(Duration.ofSeconds(10));
  }

  static <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for a stage and returns how it failed, exactly as its dependents see it, or null. */
  static @Nullable Throwable failure(CompletionStage<?> stage) throws Exception {
    return await(stage.handle((value, failure) -> failure));
  }

  static StoreException storeFailure(CompletionStage<?> stage) throws Exception {
    Throwable failure = failure(stage);
    assertThat(failure).isExactlyInstanceOf(StoreException.class);
    return (StoreException) failure;
  }

  static Reason reason(CompletionStage<?> stage) throws Exception {
    return storeFailure(stage).reason();
  }

  static ConditionFactory eventually() {
    return Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(20));
  }

  /** Waits until a store can be written to and read from again. */
  static void awaitUsable(Store store, String key) {
    eventually()
        .until(
            () ->
                failure(store.put(key, bytes("usable"), TTL)) == null
                    && failure(store.read(key)) == null);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
