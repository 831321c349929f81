package io.cacheaside.examples;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.KeyCodec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.redis.RedisStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads many keys at once: what is missing is loaded by one call, what is cached by none. */
public final class BatchExample {
  record City(long id, String name) {}

  private static final Map<Long, City> DATABASE =
      Map.of(1L, new City(1, "Oslo"), 2L, new City(2, "Lima"), 3L, new City(3, "Kyoto"));

  private BatchExample() {}

  /** Runs it; {@code args[0]} is the URI of a Redis, by default the local one. */
  public static void main(String... args) {
    String redisUri = args.length > 0 ? args[0] : "redis://localhost:6379";

    try (RedisStore redis = RedisStore.connect(redisUri);
        CacheAside<Long, City> cities =
            CacheAside.builder("cities", KeyCodec.number(), JsonCodec.of(City.class))
                .store(redis)
                .build()) {

      System.out.println(cities.getAll(List.of(1L, 2L), BatchExample::findAll).values());
      System.out.println(cities.getAll(List.of(1L, 2L, 3L), BatchExample::findAll).values());

      cities.invalidateAll(List.of(1L, 3L));
      System.out.println(cities.getAll(List.of(1L, 2L, 3L), BatchExample::findAll).values());
    }
  }

  /** In a real database one query for all of them: {@code SELECT ... WHERE id IN (...)}. */
  private static Map<Long, City> findAll(Set<Long> ids) {
    System.out.println("the source is asked for " + new TreeSet<>(ids));
    Map<Long, City> found = new HashMap<>(DATABASE);
    found.keySet().retainAll(ids);
    return found;
  }
}
