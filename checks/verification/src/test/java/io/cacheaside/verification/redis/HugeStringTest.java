package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.reason;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheStats;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A string under a key of a cache that is longer than any entry, and what it costs. */
@Tag("redis")
class HugeStringTest {
  private static final int HUGE_BYTES = 100 << 20;
  private static final long FEW_BYTES = 32 << 20;

  /** What decides how a cache reads its keys. */
  private enum Reading {
    PLAIN(cache -> cache),
    WITH_TAGS(cache -> cache.tags(key -> List.of("tag"))),
    TIMED(cache -> cache.staleWhileRevalidate(Duration.ofMinutes(1))),
    WATCHED(cache -> cache.nearCache(NearCache.ofEntries(100)));

    final UnaryOperator<CacheAsideBuilder<String, String>> settings;

    Reading(UnaryOperator<CacheAsideBuilder<String, String>> settings) {
      this.settings = settings;
    }

    CacheAside<String, String> on(RedisStore store) {
      CacheAsideBuilder<String, String> builder =
          CacheAside.<String>builder("c", Codec.string()).store(store);
      return settings.apply(builder).build();
    }
  }

  private static void putHuge(RedisServer server, String key) {
    server.command("SETBIT", key, String.valueOf(HUGE_BYTES * 8L - 1), "1");
  }

  private static long sentBytes(RedisServer server) {
    return Long.parseLong(server.info("stats").get("total_net_output_bytes"));
  }

  private static void assertMissAndReplaced(
      CacheAside<String, String> cache, RedisServer server, String stored) throws Exception {
    cache.put("other", "cached");
    putHuge(server, stored);
    CacheStats before = cache.stats();
    long sent = sentBytes(server);

    assertThat(cache.lookup("k").value()).isEmpty();
    assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");

    assertThat(cache.stats().misses()).isEqualTo(before.misses() + 1);
    assertThat(cache.stats().decodeFailures()).isEqualTo(before.decodeFailures() + 1);
    assertThat(cache.stats().storeFailures()).isZero();
    assertThat(sentBytes(server) - sent).isLessThan(2 * FEW_BYTES);
    eventually().until(() -> cache.get("k", key -> "not cached").equals("loaded"));
    assertThat(cache.get("other", key -> "not cached")).isEqualTo("cached");
    cache.invalidate("other");
    assertThat(cache.stats().storeFailures()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void itIsACountedMissAndReplaced(Reading reading) throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache = reading.on(store)) {
      assertMissAndReplaced(cache, server, "cache:c:k");
    }
  }

  @ParameterizedTest
  @EnumSource
  void itIsACountedMissForAsyncReads(Reading reading) throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache = reading.on(store)) {
      putHuge(server, "cache:c:k");

      assertThat(await(cache.async().get("k", key -> CompletableFuture.completedFuture("loaded"))))
          .isEqualTo("loaded");

      assertThat(cache.stats().decodeFailures()).isEqualTo(1);
      assertThat(cache.stats().storeFailures()).isZero();
      assertThat(sentBytes(server)).isLessThan(2 * FEW_BYTES);
    }
  }

  /** A range of a string cannot tell an empty one from none. */
  @ParameterizedTest
  @EnumSource
  void anEmptyStringIsReplacedToo(Reading reading) {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache = reading.on(store)) {
      assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
      for (Object key : (List<?>) server.command("KEYS", "*")) {
        server.command("SET", key.toString(), "", "PX", "60000");
      }

      assertThat(cache.get("k", key -> "again")).isEqualTo("again");

      eventually().until(() -> cache.get("k", key -> "not cached").equals("again"));
      assertThat(cache.stats().storeFailures()).isZero();
    }
  }

  @Test
  @Tag("cluster")
  void itIsACountedMissInACluster() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().start();
        RedisStore store = connect(RedisClusterContractTest.clusterUri(cluster));
        CacheAside<String, String> cache = Reading.PLAIN.on(store)) {
      assertMissAndReplaced(cache, cluster.ownerOf("cache:c:k"), "cache:c:k");
    }
  }

  @ParameterizedTest
  @EnumSource
  void amongManyKeysItEndsOneRoundTripAtMost(Reading reading) {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache = reading.on(store)) {
      Map<String, String> values = new HashMap<>();
      IntStream.range(0, 50).forEach(i -> values.put("k" + i, "v" + i));
      cache.putAll(values);
      putHuge(server, "cache:c:k7");
      long sent = sentBytes(server);

      assertThat(cache.getAll(values.keySet(), keys -> valuesOf(values, keys))).isEqualTo(values);

      eventually().until(() -> readAgain(cache, values));
      assertThat(sentBytes(server) - sent).isLessThan(2 * FEW_BYTES);
      assertThat(cache.stats().decodeFailures()).isEqualTo(1);
    }
  }

  private static Map<String, String> valuesOf(
      Map<String, String> values, Iterable<? extends String> keys) {
    Map<String, String> some = new HashMap<>();
    keys.forEach(key -> some.put(key, values.get(key)));
    return some;
  }

  /** Returns whether a read of all keys has found every one of them in the store. */
  private static boolean readAgain(CacheAside<String, String> cache, Map<String, String> values) {
    long misses = cache.stats().misses();
    assertThat(cache.getAll(values.keySet(), keys -> valuesOf(values, keys))).isEqualTo(values);
    return cache.stats().misses() == misses;
  }

  /** It may come between the read that finds nothing and the lease. */
  @Test
  void anAnswerWithoutARangeIsGivenUpAsItArrives() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      store.acceptStatesUpTo(1_000);
      putHuge(server, "cache:key");
      long sent = sentBytes(server);

      assertThat(reason(store.putIfAbsent("key", bytes("state"), TTL)))
          .isEqualTo(Reason.INTERRUPTED);

      awaitUsable(store, "other");
      assertThat(await(store.read("key"))).isEmpty();
      assertThat(sentBytes(server) - sent).isLessThan(FEW_BYTES);
    }
  }

  @Test
  void whatIsOnlyLongerThanStatesMayBeIsEmpty() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      store.acceptStatesUpTo(10);
      store.acceptStatesUpTo(5);
      await(store.put("long", bytes("0123456789a"), TTL));
      await(store.put("short", bytes("0123456789"), TTL));
      List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();

      store.batch(() -> IntStream.range(0, 20).forEach(i -> reads.add(store.read("long"))));

      assertThat(await(reads.get(0))).isEmpty();
      assertThat(await(store.read("long"))).isEmpty();
      assertThat(await(store.readTimed("long", Integer.MAX_VALUE)).bytes()).isEmpty();
      assertThat(await(store.readTimed("long", 3)).bytes()).isEqualTo(bytes("012"));
      assertThat(await(store.putIfAbsent("long", bytes("state"), TTL))).isEmpty();
      assertThat(await(store.read("short"))).isEqualTo(bytes("0123456789"));
      assertThat(await(store.putIfAbsent("short", bytes("state"), TTL)))
          .isEqualTo(bytes("0123456789"));
      assertThat(await(store.remove("long"))).isTrue();
    }
  }
}
