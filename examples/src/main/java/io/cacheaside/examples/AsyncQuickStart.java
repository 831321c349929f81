package io.cacheaside.examples;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.redis.RedisStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The quick start with futures: no thread waits for Redis or for the source. */
public final class AsyncQuickStart {
  record User(String id, String name) {}

  private static final Map<String, User> DATABASE = new ConcurrentHashMap<>();

  private AsyncQuickStart() {}

  /** Runs it; {@code args[0]} is the URI of a Redis, by default the local one. */
  public static void main(String... args) {
    String redisUri = args.length > 0 ? args[0] : "redis://localhost:6379";
    DATABASE.put("42", new User("42", "Ada"));

    try (RedisStore redis = RedisStore.connect(redisUri);
        CacheAside<String, User> cache =
            CacheAside.builder("async-users", JsonCodec.of(User.class)).store(redis).build()) {
      AsyncCacheAside<String, User> users = cache.async();

      users
          .get("42", AsyncQuickStart::find)
          .thenAccept(System.out::println)
          .thenCompose(done -> users.writeThenInvalidate("42", () -> rename("Ada Lovelace")))
          .thenCompose(old -> users.get("42", AsyncQuickStart::find))
          .thenAccept(System.out::println)
          .join(); // only the end of this program waits
    }
  }

  private static CompletionStage<@Nullable User> find(String id) {
    return CompletableFuture.supplyAsync(() -> DATABASE.get(id));
  }

  private static CompletionStage<@Nullable User> rename(String name) {
    return CompletableFuture.supplyAsync(() -> DATABASE.put("42", new User("42", name)));
  }
}
