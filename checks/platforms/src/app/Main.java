package app;

import io.cacheaside.AsyncCacheAside;
import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.micrometer.CacheAsideMetrics;
import io.cacheaside.msgpack.MessagePackCodec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * An application on a platform: uses most of the library on a real server, and fails if it does not
 * work.
 */
public class Main {
  public record User(
      String id, String name, Instant since, Optional<String> note, List<Role> roles) {}

  public enum Role {
    ADMIN,
    READER
  }

  public static void main(String... expected) throws Exception {
    String lettuce = version("io.lettuce/lettuce-core");
    String netty = version("io.netty/netty-transport");
    System.out.printf(
        "Lettuce %s, Netty %s, Jackson %s, jackson-annotations %s%n",
        lettuce,
        netty,
        version("tools.jackson.core/jackson-databind"),
        version("com.fasterxml.jackson.core/jackson-annotations"));
    check(lettuce.startsWith(expected[0]), "Lettuce " + lettuce + " is not " + expected[0]);
    check(netty.startsWith(expected[1]), "Netty " + netty + " is not " + expected[1]);

    try (RedisServer server = RedisServer.start();
        RedisStore store = RedisStore.connect(server.uri())) {
      use(store, "json", JsonCodec.of(User.class));
      use(store, "msgpack", MessagePackCodec.of(User.class));
    }
    System.out.println("passed");
  }

  private static void use(RedisStore store, String name, Codec<User> codec) throws Exception {
    Map<String, User> database = new ConcurrentHashMap<>();
    database.put("42", user("Ada"));
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (CacheAside<String, User> users =
            CacheAside.builder(name, codec)
                .store(store)
                .ttl(Duration.ofMinutes(1))
                .nearCache(NearCache.ofEntries(100))
                .build();
        CacheAside<String, User> others =
            CacheAside.builder(name + "2", codec).store(store).ttl(Duration.ofMinutes(1)).build()) {
      CacheAsideMetrics.monitor(registry, users);

      equal(users.get("42", database::get), user("Ada"));
      for (int i = 0; i < 100 && users.stats().nearHits() == 0; i++) {
        equal(users.get("42", database::get), user("Ada"));
        TimeUnit.MILLISECONDS.sleep(20);
      }
      check(users.stats().nearHits() > 0, "no hit in the near cache");
      database.put("42", user("Ada Lovelace"));
      users.invalidate("42");
      equal(users.get("42", database::get), user("Ada Lovelace"));
      check(users.stats().loads() == 2, users.stats().loads() + " loads");

      AsyncCacheAside<String, User> async = others.async();
      equal(
          async
              .get("42", key -> CompletableFuture.completedFuture(database.get(key)))
              .get(5, TimeUnit.SECONDS),
          user("Ada Lovelace"));
      others.put("43", user("Grace"));
      check(others.getAll(List.of("42", "43"), keys -> Map.of()).size() == 2, "not both found");
      check(others.stats().loads() == 1, others.stats().loads() + " loads");
      check(!registry.getMeters().isEmpty(), "no meters");
      check(
          registry.get("cache.gets").tag("result", "hit").functionCounter().count() > 0,
          "no hits are counted");
    }
  }

  private static User user(String name) {
    return new User("42", name, Instant.EPOCH.plusNanos(1), Optional.of("x"), List.of(Role.ADMIN));
  }

  private static void equal(User found, User expected) {
    check(Objects.equals(found, expected), found + " is not " + expected);
  }

  private static void check(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalStateException(problem);
    }
  }

  private static String version(String artifact) throws IOException {
    Properties properties = new Properties();
    try (InputStream in =
        Main.class.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }
}
