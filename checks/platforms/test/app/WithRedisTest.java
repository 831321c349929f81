package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.WithRedis;
import org.junit.jupiter.api.Test;

/** The testkit with the JUnit of the platform. */
@WithRedis
class WithRedisTest {
  @Test
  void aServerIsThere(RedisServer server) {
    try (RedisStore store = RedisStore.connect(server.uri());
        CacheAside<String, String> users =
            CacheAside.builder("users", Codec.string()).store(store).build()) {
      assertEquals("Ada", users.get("42", key -> "Ada"));
    }
  }
}
