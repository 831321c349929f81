package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.patient;
import static io.cacheaside.verification.redis.Stages.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth.Status;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store finds out by trying when it connects, and when it connects again. */
@Tag("redis")
class RedisProbeTest {
  private static final String USER = "app";
  private static final String PASSWORD = "s3cret-p4ss";

  private static void permit(RedisServer server, List<String> rules) {
    List<String> command =
        new ArrayList<>(List.of("ACL", "SETUSER", USER, "reset", "on", ">" + PASSWORD));
    command.addAll(rules);
    assertThat(server.command(command.toArray(String[]::new))).isEqualTo("OK");
  }

  private static void change(RedisServer server, String rule) {
    assertThat(server.command("ACL", "SETUSER", USER, rule)).isEqualTo("OK");
  }

  private static List<String> without(String... rules) {
    List<String> others = new ArrayList<>(RedisPermissionsTest.LISTED);
    others.removeAll(List.of(rules));
    return others;
  }

  private static RedisStoreBuilder as(RedisServer server) {
    return patient().host(server.host()).port(server.port()).username(USER).password(PASSWORD);
  }

  private static RedisConnectException refusal(RedisStoreBuilder builder) {
    List<RedisConnectException> refusals = new ArrayList<>();
    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(builder::connect)
        .satisfies(refusals::add);
    RedisConnectException refusal = refusals.get(0);
    assertThat(refusal.reason()).isEqualTo(Reason.REFUSED);
    return refusal;
  }

  private static void reconnect(RedisServer server) {
    server.command("CLIENT", "KILL", "USER", USER);
  }

  // ---- When it is connected -------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("io.cacheaside.testkit.ServerBinary#available")
  void eachMissingPermissionIsNamedWithTheRuleThatGrantsIt(ServerBinary binary) throws Exception {
    try (RedisServer server = RedisServer.start(binary)) {
      for (String missing : RedisPermissionsTest.LISTED) {
        permit(server, without(missing));

        assertThat(refusal(as(server)))
            .hasMessage(
                "redis://127.0.0.1:%d refuses commands (NOPERM): ACL SETUSER app %s",
                server.port(), missing);
      }
      permit(server, without("+set", "+pttl"));
      assertThat(refusal(as(server)))
          .hasMessageContaining("ACL SETUSER app +pttl +set")
          .hasMessageNotContaining(PASSWORD);
    }
  }

  @Test
  void keysOfAnotherPrefixAreAMissingPermission() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      permit(server, RedisPermissionsTest.LISTED);

      assertThat(refusal(as(server).prefix("shop*[é]:")))
          .hasMessageEndingWith("ACL SETUSER app ~shop\\*\\[é\\]:*");

      change(server, "~shop\\*\\[é\\]:*");
      as(server).prefix("shop*[é]:").connect().close();
    }
  }

  @Test
  void theKeysOfOneCacheAndOfTheProbeAreEnough() throws Exception {
    List<String> rules = without("~cache:*");
    rules.addAll(List.of("~cache:c:*", "~cache:c%*", "~cache:%p*"));
    try (RedisServer server = RedisServer.start()) {
      permit(server, rules);
      try (RedisStore store = as(server).connect();
          CacheAside<String, String> cache =
              CacheAside.<String>builder("c", Codec.string()).store(store).build()) {
        assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
        assertThat(cache.get("k", key -> "again")).isEqualTo("loaded");
        assertThat(cache.health().status()).isEqualTo(Status.UP);
      }
    }
  }

  @Test
  void waitingForReplicasIsTriedOnlyWhereItIsWanted() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      permit(server, RedisPermissionsTest.LISTED);

      assertThat(refusal(as(server).invalidationCopies(1)))
          .hasMessageEndingWith("ACL SETUSER app +wait");
    }
  }

  @Test
  void selectingADatabaseIsAPermissionToo() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      permit(server, RedisPermissionsTest.LISTED);

      assertThat(refusal(as(server).database(3))).hasMessageEndingWith("ACL SETUSER app +select");
    }
  }

  @Test
  void nothingIsChanged() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = patient().uri(server.uri()).connect()) {
      assertThat(failure(store.ping())).isNull();

      assertThat(server.command("DBSIZE")).isEqualTo(0L);
      assertThat(server.info("persistence")).containsEntry("rdb_changes_since_last_save", "0");
    }
  }

  @Test
  @Tag("cluster")
  void aNodeOfAClusterIsNamed() throws Exception {
    List<String> rules = without("+mget", "+exists");
    rules.addAll(List.of("+info", "+cluster|nodes", "+asking"));
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(0).start()) {
      cluster.masters().forEach(node -> permit(node, rules));
      RedisStoreBuilder builder =
          patient().uri(clusterUri(cluster)).username(USER).password(PASSWORD);
      builder.connect().close();

      for (RedisServer node : cluster.masters()) {
        change(node, "-set");
        assertThat(refusal(builder))
            .hasMessageEndingWith(
                ", node %s:%d, refuses commands (NOPERM): ACL SETUSER app +set",
                node.host(), node.port());
        change(node, "+set");
        change(node, "-asking");
        assertThat(refusal(builder)).hasMessageEndingWith("ACL SETUSER app +asking");
        change(node, "+asking");
      }
      for (String rule : List.of("+cluster|nodes", "+info")) {
        cluster.masters().forEach(node -> change(node, rule.replace('+', '-')));
        assertThat(refusal(builder)).hasMessageEndingWith("ACL SETUSER app " + rule);
        cluster.masters().forEach(node -> change(node, rule));
      }
      assertThat(cluster.masters())
          .allSatisfy(node -> assertThat(node.command("DBSIZE")).isEqualTo(0L));
    }
  }

  @ParameterizedTest
  @MethodSource("io.cacheaside.testkit.ServerBinary#available")
  void aFullServerIsConnectedToUnlessItIsToFailFast(ServerBinary binary) throws Exception {
    try (StoreLog log = StoreLog.open();
        RedisServer server = RedisServer.start(binary)) {
      server.command("CONFIG", "SET", "maxmemory", "1");
      assertThat(refusal(patient().uri(server.uri()).failFast()))
          .hasMessageContaining(
              "redis://127.0.0.1:%d refuses to store anything: OOM ", server.port());

      try (RedisStore store = patient().uri(server.uri()).connect()) {
        assertThat(log.with("refuses to store anything: OOM")).hasSize(1);
        assertThat(await(store.read("key"))).isNull();
        server.command("CONFIG", "SET", "maxmemory", "0");
        awaitUsable(store, "key");
      }
    }
  }

  @Test
  void aReplicaIsConnectedToUnlessItIsToFailFast() throws Exception {
    try (StoreLog log = StoreLog.open();
        RedisServer server = RedisServer.start();
        RedisServer replica = RedisServer.builder().replicaOf(server).start();
        RedisStore store = patient().uri(replica.uri()).connect()) {
      assertThat(await(store.read("key"))).isNull();
      assertThat(log.with("is a replica: it refuses to store anything")).hasSize(1);
      assertThat(log.with("READONLY")).isEmpty();

      assertThat(refusal(patient().uri(replica.uri()).failFast()))
          .hasMessageContaining("refuses to store anything: READONLY ");
    }
  }

  // ---- Later ----------------------------------------------------------------------------------

  @Test
  void aStoreThatConnectsLaterSaysThenWhatIsMissing() throws Exception {
    RedisServer server =
        RedisServer.builder().user(USER, PASSWORD, without("+set").toArray(String[]::new)).start();
    server.stop();
    try (server;
        StoreLog log = StoreLog.open();
        RedisStore store = as(server).connect()) {
      server.restart();

      eventually().until(() -> !log.with("ACL SETUSER app +set").isEmpty());
      assertThat(await(store.read("key"))).isNull();
      assertThat(reason(store.put("key", bytes("state"), TTL))).isEqualTo(Reason.REFUSED);
      change(server, "+set");
      assertThat(failure(store.put("key", bytes("state"), TTL))).isNull();
    }
  }

  @Test
  void whatIsTakenAwayIsToldOnceAfterAReconnectAndByHealth() throws Exception {
    try (StoreLog log = StoreLog.open();
        RedisServer server = RedisServer.start()) {
      permit(server, RedisPermissionsTest.LISTED);
      try (RedisStore store = as(server).connect();
          CacheAside<String, String> cache =
              CacheAside.<String>builder("c", Codec.string()).store(store).build()) {
        assertThat(log.with("ACL SETUSER app +set")).isEmpty();
        change(server, "-set");
        reconnect(server);
        eventually().until(() -> log.with("ACL SETUSER app +set").size() == 1);

        assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
        assertThat(cache.health().status()).isEqualTo(Status.DEGRADED);
        long before = server.commandCalls("ping");
        reconnect(server);
        eventually().until(() -> failure(store.ping()) == null);
        assertThat(server.commandCalls("ping")).isGreaterThan(before);
        assertThat(log.with("ACL SETUSER app +set")).hasSize(1);

        change(server, "+set");
        assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
        assertThat(cache.get("k", key -> "again")).isEqualTo("loaded");
      }
    }
  }

  // ---- Tracking -------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"+client|tracking", "+client|caching", "+role"})
  void whatIsLostWithoutTrackingIsSaidOnce(String missing) throws Exception {
    List<String> rules = new ArrayList<>(RedisPermissionsTest.LISTED);
    rules.addAll(List.of("+client|tracking", "+client|caching", "+role"));
    rules.remove(missing);
    String lost = "near caches stay empty, and waiters look again every 100 ms at the latest";
    try (StoreLog log = StoreLog.open();
        RedisServer server = RedisServer.start()) {
      permit(server, rules);
      try (RedisStore store = as(server).connect();
          CacheAside<String, String> cache =
              CacheAside.<String>builder("c", Codec.string()).store(store).build();
          CacheAside<String, String> near =
              CacheAside.<String>builder("n", Codec.string())
                  .store(store)
                  .nearCache(NearCache.ofEntries(10))
                  .build()) {
        assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");
        eventually().until(() -> !log.with(lost).isEmpty());
        reconnect(server);
        awaitUsable(store, "key");
        assertThat(near.get("k", key -> "loaded")).isEqualTo("loaded");

        assertThat(log.with(lost)).hasSize(1);
        assertThat(log.with(lost).get(0))
            .contains("refuses client tracking: ")
            .contains("'" + missing.substring(1) + "'")
            .endsWith(": ACL SETUSER app +client|tracking +client|caching +role");
      }
    }
  }
}
