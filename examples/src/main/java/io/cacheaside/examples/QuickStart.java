package io.cacheaside.examples;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.redis.RedisStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reads a user, reads it again from the cache, changes it, and reads the change. */
public final class QuickStart {
  record User(String id, String name) {}

  private QuickStart() {}

  /** Runs it; {@code args[0]} is the URI of a Redis, by default the local one. */
  public static void main(String... args) {
    String redisUri = args.length > 0 ? args[0] : "redis://localhost:6379";
    Map<String, User> database = new ConcurrentHashMap<>(Map.of("42", new User("42", "Ada")));

    try (RedisStore redis = RedisStore.connect(redisUri);
        CacheAside<String, User> users =
            CacheAside.builder("users", JsonCodec.of(User.class)).store(redis).build()) {

      System.out.println(users.get("42", database::get)); // a miss: loaded, then cached
      System.out.println(users.get("42", database::get)); // a hit

      database.put("42", new User("42", "Ada Lovelace"));
      users.invalidate("42"); // from here on nobody gets the old name
      System.out.println(users.get("42", database::get));

      System.out.println(users.stats());
    }
  }
}
