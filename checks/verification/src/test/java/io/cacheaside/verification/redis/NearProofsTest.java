package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often a server is asked for the proof that it has told of all changes. */
class NearProofsTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Pattern ROLES = Pattern.compile("cmdstat_role:calls=(\\d+)");

  private final RedisServer server = RedisServer.start();
  private final RedisServer clock = RedisServer.start();
  private final RedisStore store = Stages.connect(server.uri());
  private final RedisStore ticks = Stages.connect(clock.uri());
  private final CacheAside<String, String> ticking = near("ticking", ticks, SHORT);

  @AfterEach
  void close() {
    ticking.close();
    ticks.close();
    store.close();
    clock.close();
    server.close();
  }

  private static CacheAside<String, String> near(
      String name, RedisStore store, Duration maxStaleness) {
    return CacheAside.builder(name, Codec.string())
        .store(store)
        .nearCache(NearCache.ofEntries(100).maxStaleness(maxStaleness))
        .build();
  }

  private static void awaitNear(CacheAside<String, String> cache) {
    eventually()
        .until(
            () -> {
              cache.get("key", key -> "value");
              return cache.stats().nearHits() > 0;
            });
  }

  private static long proofs(RedisServer server) {
    Matcher found = ROLES.matcher(String.valueOf(server.command("INFO", "commandstats")));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /** Returns when a hurried process has asked its server so often. */
  private void awaitProofs(int count) {
    long before = proofs(clock);
    eventually().until(() -> proofs(clock) >= before + count);
  }

  @Test
  void whoMayBeStaleForLongAsksSeldom() {
    try (CacheAside<String, String> patient = near("patient", store, LONG)) {
      awaitNear(patient);

      awaitProofs(60);

      assertThat(proofs(server)).isBetween(1L, 3L);
    }
  }

  @Test
  void whoMayBeStaleForLessIsHeededAtOnce() {
    try (CacheAside<String, String> patient = near("patient", store, LONG)) {
      awaitNear(patient);
      long before = proofs(server);

      try (CacheAside<String, String> hurried = near("hurried", store, SHORT)) {
        awaitProofs(60);

        assertThat(proofs(server)).isGreaterThan(before + 20);
        awaitNear(hurried);
      }
    }
  }
}
