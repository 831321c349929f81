package io.cacheaside.verification.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth.Status;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The user of the page on Redis has what a store needs, and nothing else. */
@Tag("docs")
class PermissionsTest {
  private static final Pattern USER =
      Pattern.compile("(?s)```\\n(ACL SETUSER orders on >secret [^`]*)```");

  /** Returns the words of the command on the page. */
  private static List<String> user() {
    Matcher fence = USER.matcher(Documents.text("docs/features/redis.md"));
    assertThat(fence.find()).isTrue();
    return List.of(fence.group(1).strip().split("\\s+"));
  }

  private static void create(RedisServer server, List<String> user) {
    assertThat(server.command(user.toArray(String[]::new))).isEqualTo("OK");
  }

  private static RedisStoreBuilder as(RedisServer server) {
    return RedisStore.builder()
        .host(server.host())
        .port(server.port())
        .username("orders")
        .password("secret")
        .commandTimeout(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @MethodSource("io.cacheaside.testkit.ServerBinary#available")
  void itIsEnoughForACache(ServerBinary binary) {
    try (RedisServer server = RedisServer.start(binary)) {
      create(server, user());
      try (RedisStore store = as(server).connect();
          CacheAside<String, String> cache =
              CacheAside.<String>builder("users", Codec.string())
                  .store(store)
                  .holdOff(Duration.ofMillis(1))
                  .staleIfError(Duration.ofMinutes(1))
                  .tags(key -> List.of("all"))
                  .build()) {
        useAll(cache);

        assertThat(cache.health().failure()).isNull();
        assertThat(cache.health().status()).isEqualTo(Status.UP);
        assertThat(cache.stats().storeFailures()).isZero();
      }
    }
  }

  private static void useAll(CacheAside<String, String> cache) {
    List<String> keys = IntStream.range(0, 20).mapToObj(i -> "k" + i).toList();
    Map<String, String> all =
        cache.getAll(
            keys,
            missing -> missing.stream().collect(Collectors.toMap(Function.identity(), key -> "v")));
    assertThat(all).hasSize(20);
    assertThat(cache.get("k0", key -> "again")).isEqualTo("v");
    cache.put("k1", "w");
    assertThat(cache.update("k1", value -> value + "+")).isTrue();
    assertThat(cache.touch("k1")).isTrue();
    cache.invalidate("k1");
    cache.invalidateTag("all");
    assertThat(cache.get("k2", key -> "new")).isEqualTo("new");
  }

  @Test
  void eachRuleIsNeeded() {
    try (RedisServer server = RedisServer.start()) {
      for (String rule : user().stream().filter(word -> word.matches("[+~].*")).toList()) {
        List<String> others = new ArrayList<>(user());
        others.remove(rule);
        create(server, others);

        assertThatExceptionOfType(RedisConnectException.class)
            .isThrownBy(as(server)::connect)
            .withMessageEndingWith("ACL SETUSER orders " + rule);
      }
    }
  }
}
