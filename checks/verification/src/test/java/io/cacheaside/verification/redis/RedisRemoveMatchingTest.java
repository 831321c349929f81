package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.reason;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import io.cacheaside.testkit.SlotMigration;
import io.cacheaside.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Removal by pattern while servers come and go, which no cursor survives. */
class RedisRemoveMatchingTest {
  private static final int KEYS = 20_000;

  /**
   * Makes a walk through all keys take a second or more, so that something can happen meanwhile.
   */
  private static final Duration SLOW = Duration.ofMillis(20);

  private static void populate(RedisServer server) {
    server.command("DEBUG", "POPULATE", Integer.toString(KEYS), "cache:gone", "8");
    server.command("DEBUG", "POPULATE", "100", "cache:kept", "8");
    server.command("DEBUG", "POPULATE", "100", "other:gone", "8");
  }

  private static void assertOnlyMatchingAreGone(RedisServer server) {
    assertThat(server.command("DBSIZE")).isEqualTo(200L);
    assertThat(server.command("EXISTS", "cache:kept:0", "other:gone:0")).isEqualTo(2L);
  }

  private static void awaitFirstPage(RedisServer server) {
    eventually().until(() -> (Long) server.command("DBSIZE") < KEYS);
  }

  @Test
  @Tag("redis")
  void nothingElseIsRemoved() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      populate(server);

      assertThat(await(store.removeMatching("gone:", "*"))).isEqualTo(KEYS);

      assertOnlyMatchingAreGone(server);
    }
  }

  @Test
  @Tag("redis")
  void keysThatAreNoTextAreRemovedToo() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      server.command(
          "EVAL", "for i = 0, 255 do redis.call('SET', 'cache:' .. string.char(i), i) end", "0");

      assertThat(await(store.removeMatching("", "?"))).isEqualTo(256);

      assertThat(server.command("DBSIZE")).isEqualTo(0L);
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aBrokenConnectionMakesItBeginAgain() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = RedisStore.builder().host(proxy.host()).port(proxy.port()).connect()) {
      populate(server);
      proxy.delay(SLOW);
      CompletionStage<Long> removal = store.removeMatching("gone:", "*");
      awaitFirstPage(server);

      proxy.resetAll();
      proxy.pass();

      assertThat(await(removal)).isBetween(1L, (long) KEYS);
      assertOnlyMatchingAreGone(server);
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aRestartMakesItBeginAgain() throws Exception {
    try (RedisServer server = RedisServer.builder().config("appendonly yes").start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = RedisStore.builder().host(proxy.host()).port(proxy.port()).connect()) {
      populate(server);
      server.command("BGREWRITEAOF");
      eventually()
          .until(() -> server.info("persistence").get("aof_rewrite_in_progress").equals("0"));
      proxy.delay(SLOW);
      CompletionStage<Long> removal = store.removeMatching("gone:", "*");
      awaitFirstPage(server);

      server.restart();
      proxy.pass();

      assertThat(await(removal)).isBetween(1L, (long) KEYS);
      assertOnlyMatchingAreGone(server);
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aDemotedServerIsNoPlaceToFinish() throws Exception {
    try (RedisServer primary = RedisServer.start();
        RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = RedisStore.builder().host(proxy.host()).port(proxy.port()).connect()) {
      populate(server);
      proxy.delay(SLOW);
      CompletionStage<Long> removal = store.removeMatching("gone:", "*");
      awaitFirstPage(server);

      server.command("REPLICAOF", primary.host(), Integer.toString(primary.port()));
      proxy.pass();

      assertThat(reason(removal)).isIn(Reason.INTERRUPTED, Reason.REFUSED);
      assertThat(storeFailure(removal)).hasMessageContaining("in 10 passes");
    }
  }

  @Test
  @Tag("cluster")
  void everyPrimaryIsSwept() throws Exception {
    RedisCluster cluster = SharedServers.cluster(ServerBinary.BUNDLED);
    try (RedisStore store = connect(clusterUri(cluster))) {
      List<String> keys = keysOnEveryNode(cluster);

      assertThat(await(store.removeMatching("gone:", "*"))).isEqualTo(keys.size());
    }
  }

  private static List<String> keysOnEveryNode(RedisCluster cluster) {
    List<String> keys =
        Stream.iterate(0, i -> i + 1).limit(300).map(i -> "cache:gone:" + i).toList();
    keys.forEach(key -> cluster.ownerOf(key).command("SET", key, "state"));
    return keys;
  }

  @Test
  @Tag("cluster")
  @Tag("full")
  void aSlotThatHasMovedIsSweptToo() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(ServerBinary.BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      List<String> keys = keysOnEveryNode(cluster);
      int slot = cluster.slotOf(keys.get(0));
      cluster.migrateSlot(slot, anotherMaster(cluster, slot));

      assertThat(await(store.removeMatching("gone:", "*"))).isEqualTo(keys.size());
    }
  }

  @Test
  @Tag("cluster")
  @Tag("full")
  void aClusterThatIsBeingReshardedMakesItFailUntilThatIsDone() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(ServerBinary.BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      List<String> keys = keysOnEveryNode(cluster);
      int slot = cluster.slotOf(keys.get(0));
      SlotMigration migration = cluster.beginMigration(slot, anotherMaster(cluster, slot));

      CompletionStage<Long> removal = store.removeMatching("gone:", "*");
      assertThat(reason(removal)).isEqualTo(Reason.INTERRUPTED);
      assertThat(storeFailure(removal)).hasMessageContaining("slots are being moved");

      migration.moveKeys();
      migration.finish();
      cluster.awaitStable();
      await(store.removeMatching("gone:", "*"));
      for (String key : keys) {
        assertThat(cluster.ownerOf(key).command("EXISTS", key)).isEqualTo(0L);
      }
    }
  }

  /** Its keys leave a primary that has not come to them for one that is done. */
  @Test
  @Tag("cluster")
  @Tag("full")
  void aSlotThatMovesMeanwhileIsSweptAgain() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(ServerBinary.BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      RedisServer from = cluster.masters().get(0);
      RedisServer to = cluster.masters().get(1);
      List<String> prefixes = prefixesOn(cluster, from);
      int many = 200_000;
      int few = 50;
      from.command("DEBUG", "POPULATE", Integer.toString(many), prefixes.get(0), "8");
      from.command("DEBUG", "POPULATE", Integer.toString(few), prefixes.get(1), "8");

      CompletionStage<Long> removal = store.removeMatching("gone:", "*");
      eventually().until(() -> (Long) from.command("DBSIZE") < many);
      cluster.migrateSlot(cluster.slotOf(prefixes.get(1)), to);

      assertThat(await(removal)).isEqualTo(many + few);
      assertThat(from.command("DBSIZE")).isEqualTo(0L);
      assertThat(to.command("DBSIZE")).isEqualTo(0L);
    }
  }

  /** Returns prefixes of keys that belong to one slot each, all on one node. */
  private static List<String> prefixesOn(RedisCluster cluster, RedisServer node) {
    return IntStream.range(0, 100)
        .mapToObj(number -> "cache:gone:{" + number + "}")
        .filter(prefix -> cluster.ownerOf(prefix) == node)
        .limit(2)
        .toList();
  }

  private static RedisServer anotherMaster(RedisCluster cluster, int slot) {
    return cluster.masters().stream()
        .filter(node -> node != cluster.ownerOf(slot))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Tag("cluster")
  @Tag("faults")
  @Tag("full")
  void aPromotionMakesItBeginAgain() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(1).start();
        RedisStore store = RedisStore.connect(clusterUri(cluster))) {
      List<String> keys = keysOnEveryNode(cluster);
      RedisServer primary = cluster.ownerOf(keys.get(0));
      RedisServer replica = cluster.replicasOf(primary).get(0);
      primary.awaitReplicationTo(replica);
      primary.freeze();
      CompletionStage<Long> removal = store.removeMatching("gone:", "*");

      cluster.awaitStable();

      assertThat(await(removal)).isEqualTo(keys.size());
      primary.thaw();
    }
  }
}
