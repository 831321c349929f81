package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.reason;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The permissions that the documentation of the store lists, no more and no fewer. */
@Tag("redis")
class RedisPermissionsTest {
  static final List<String> LISTED =
      List.of(
          "~cache:*",
          "+getrange",
          "+mget",
          "+exists",
          "+set",
          "+setrange",
          "+pttl",
          "+pexpire",
          "+unlink",
          "+eval",
          "+ping");
  private static final List<String> FOR_PATTERNS = List.of("+scan", "+info");

  private static String[] rules(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toArray(String[]::new);
  }

  private static RedisStoreBuilder as(RedisServer server) {
    return RedisStore.builder()
        .host(server.host())
        .port(server.port())
        .commandTimeout(Duration.ofSeconds(10))
        .username("app")
        .password("s3cret");
  }

  private static void change(RedisServer server, String rule) {
    assertThat(server.command("ACL", "SETUSER", "app", rule)).isEqualTo("OK");
  }

  private static void doEverything(RedisStore store) throws Exception {
    byte[] state = bytes("1:payload");
    await(store.put("key", state, TTL));
    assertThat(await(store.putIfAbsent("key", state, TTL))).isEqualTo(state);
    assertThat(await(store.read("key"))).isEqualTo(state);
    assertThat(await(readOfMany(store))).isEqualTo(state);
    assertThat(await(store.readTimed("key", 2)).bytes()).isEqualTo(bytes("1:"));
    assertThat(await(store.swap("key", bytes("1:"), bytes("2:"), null))).isTrue();
    assertThat(await(store.swap("key", bytes("2:"), bytes("3:"), TTL))).isTrue();
    assertThat(await(store.swapHead("key", bytes("3:"), bytes("4:"), TTL))).isTrue();
    assertThat(await(store.remove("key", bytes("4:")))).isTrue();
    assertThat(await(store.remove("key"))).isFalse();
    assertThat(failure(store.ping())).isNull();
  }

  /** Returns one of so many reads that they are one command. */
  private static CompletionStage<byte @Nullable []> readOfMany(RedisStore store) {
    List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();
    store.batch(() -> IntStream.range(0, 100).forEach(i -> reads.add(store.read("key"))));
    return reads.get(0);
  }

  @Test
  void theListedPermissionsAreEnough() throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, FOR_PATTERNS)).start();
        RedisStore store = as(server).connect()) {
      doEverything(store);
      await(store.put("key", bytes("state"), TTL));
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
    }
  }

  @Test
  void waitingForReplicasNeedsWait() throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, List.of("+wait"))).start();
        RedisServer replica = RedisServer.builder().replicaOf(server).start();
        RedisStore store = as(server).invalidationCopies(1).connect()) {
      server.awaitReplicationTo(replica);
      assertThat(failure(store.awaitCopies(List.of("key")))).isNull();

      change(server, "-wait");

      assertThat(storeFailure(store.awaitCopies(List.of("key"))).getMessage())
          .startsWith("WAIT: ")
          .matches(RedisPermissionsTest::isAboutPermissions);
      assertThat(reason(store.awaitCopies(List.of("key")))).isEqualTo(Reason.REFUSED);
    }
  }

  @Test
  @Tag("cluster")
  void theListedPermissionsAreEnoughInACluster() throws Exception {
    String[] rules = rules(LISTED, List.of("+scan", "+info", "+cluster|nodes", "+asking"));
    try (RedisCluster cluster =
            RedisCluster.builder().nodes(node -> node.user("app", "s3cret", rules)).start();
        RedisStore store =
            RedisStore.builder()
                .uri(clusterUri(cluster))
                .username("app")
                .commandTimeout(Duration.ofSeconds(10))
                .password("s3cret")
                .connect()) {
      doEverything(store);
      await(store.put("key", bytes("state"), TTL));
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
      int slot = cluster.slotOf("cache:key");
      cluster.beginMigration(
          slot,
          cluster.masters().stream()
              .filter(node -> node != cluster.ownerOf(slot))
              .findFirst()
              .orElseThrow());
      doEverything(store);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+scan", "+info", "+unlink"})
  void aMissingPermissionForPatternsIsARefusalAtOnce(String missing) throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, FOR_PATTERNS)).start();
        RedisStore store = as(server).connect()) {
      await(store.put("key", bytes("state"), TTL));
      change(server, missing.replace('+', '-'));

      assertThat(reason(store.removeMatching("", "*"))).isEqualTo(Reason.REFUSED);
      assertThat(storeFailure(store.removeMatching("", "*")))
          .hasMessageContaining("in 1 passes")
          .hasMessageContaining("NOPERM");
    }
  }

  static Stream<String> commands() {
    return LISTED.stream().filter(rule -> rule.startsWith("+"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void eachListedPermissionIsNeeded(String missing) throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, List.of())).start();
        RedisStore store = as(server).connect()) {
      change(server, missing.replace('+', '-'));

      assertThat(refusals(store)).isNotEmpty().allMatch(RedisPermissionsTest::isAboutPermissions);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+client|tracking", "+client|caching", "+role"})
  void withoutOneOfThePermissionsToBeToldNothingIsBelievedToBeWatched(String missing)
      throws Exception {
    List<String> told = new ArrayList<>(List.of("+client|tracking", "+client|caching", "+role"));
    told.remove(missing);
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, told)).start();
        RedisStore store = as(server).connect();
        CacheAside<String, String> near =
            CacheAside.builder("c", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(10))
                .build()) {
      near.put("k", "v");

      for (int i = 0; i < 2_000; i++) {
        assertThat(near.get("k", key -> "loaded")).isEqualTo("v");
      }

      assertThat(near.stats().nearHits()).isZero();
    }
  }

  @Test
  void otherKeysAreRefused() throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", rules(LISTED, List.of())).start();
        RedisStore store = as(server).connect()) {
      change(server, "resetkeys");
      change(server, "~elsewhere:*");

      assertThat(refusals(store)).hasSize(10).allMatch(RedisPermissionsTest::isAboutPermissions);
    }
  }

  private static boolean isAboutPermissions(String message) {
    return message.contains("NOPERM") || message.contains("can't run this command");
  }

  private static List<String> refusals(RedisStore store) throws Exception {
    byte[] state = bytes("1:payload");
    List<String> refusals = new ArrayList<>();
    for (var stage :
        List.of(
            store.put("key", state, TTL),
            store.putIfAbsent("key", state, TTL),
            store.read("key"),
            readOfMany(store),
            store.readTimed("key", 2),
            store.readTimed("key", Integer.MAX_VALUE),
            store.swap("key", bytes("1:"), bytes("2:"), null),
            store.swapHead("key", bytes("2:"), bytes("3:"), TTL),
            store.remove("key", bytes("3:")),
            store.remove("key"),
            store.ping())) {
      if (failure(stage) != null) {
        assertThat(reason(stage)).isEqualTo(Reason.REFUSED);
        refusals.add(storeFailure(stage).getMessage());
      }
    }
    return refusals;
  }
}
