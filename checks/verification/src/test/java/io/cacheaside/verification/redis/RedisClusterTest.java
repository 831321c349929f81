package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.patient;
import static io.cacheaside.verification.redis.Stages.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import io.cacheaside.testkit.SlotMigration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster: routing, slots that move, primaries that fail. */
@Tag("cluster")
class RedisClusterTest {
  private static final ServerBinary BUNDLED = ServerBinary.BUNDLED;
  private static final List<String> KEYS =
      IntStream.range(0, 300).mapToObj(number -> "key-" + number).toList();

  private static void putAll(RedisStore store) throws Exception {
    List<CompletionStage<?>> stages = new ArrayList<>();
    store.batch(() -> KEYS.forEach(key -> stages.add(store.put(key, bytes(key), TTL))));
    for (CompletionStage<?> stage : stages) {
      await(stage);
    }
  }

  private static void assertAllThere(RedisStore store) throws Exception {
    for (String key : KEYS) {
      assertThat(await(store.read(key))).isEqualTo(bytes(key));
    }
  }

  @Test
  void theFirstOperationOnEveryNodeSucceeds() throws Exception {
    try (RedisStore store = connect(clusterUri(SharedServers.cluster(BUNDLED)))) {
      for (String key : KEYS) {
        assertThat(failure(store.read("first:" + key))).isNull();
      }
    }
  }

  @Test
  void oneNodeIsEnoughToFindTheOthers() throws Exception {
    RedisServer node = SharedServers.cluster(BUNDLED).nodes().get(1);
    try (RedisStore store = patient().host(node.host()).port(node.port()).cluster(true).connect()) {
      for (String key : KEYS) {
        assertThat(failure(store.read("seed:" + key))).isNull();
      }
      assertThat(failure(store.ping())).isNull();
    }
  }

  @Test
  void aServerThatIsNoClusterIsRefusedAtOnce() {
    RedisServer server = SharedServers.redis(BUNDLED);

    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(() -> RedisStore.builder().uri(server.uri()).cluster(true).connect())
        .withMessageContaining("redis-cluster://127.0.0.1:" + server.port())
        .withMessageContaining("cluster support disabled");
  }

  @Test
  @Tag("full")
  void aClusterThatIsUsedAsOneServerIsRefusedAtOnce() {
    RedisServer node = SharedServers.cluster(BUNDLED).nodes().get(0);

    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(() -> RedisStore.connect(node.uri()))
        .withMessageContaining("cluster mode");
  }

  @Test
  void unknownNodesFailFast() {
    RedisStoreBuilder unknown =
        RedisStore.builder().uri("redis-cluster://no-such-host.invalid").failFast();

    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(unknown::connect)
        .withMessageContaining("unknown host")
        .withMessageContaining("no-such-host.invalid");
  }

  @Test
  @Tag("full")
  void credentialsHoldForEveryNode() throws Exception {
    try (RedisCluster cluster =
        RedisCluster.builder().nodes(node -> node.password("s3cret")).start()) {
      RedisStoreBuilder builder = RedisStore.builder().uri(clusterUri(cluster));
      try (RedisStore store = builder.password("s3cret".toCharArray()).connect()) {
        putAll(store);
        assertAllThere(store);
        assertThat(await(store.removeMatching("", "*"))).isEqualTo(KEYS.size());
      }
      assertThatExceptionOfType(RedisConnectException.class)
          .isThrownBy(() -> builder.password("wrong".toCharArray()).connect())
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
          .withMessageContaining("WRONGPASS");
    }
  }

  @Test
  void slotsThatMoveAreFollowed() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      putAll(store);
      RedisServer target = cluster.masters().get(2);
      for (String key : KEYS.subList(0, 20)) {
        int slot = cluster.slotOf("cache:" + key);
        if (cluster.ownerOf(slot) != target) {
          cluster.migrateSlot(slot, target);
        }
        assertThat(await(store.read(key))).isEqualTo(bytes(key));
        assertThat(await(store.swap(key, bytes(key), bytes("swapped"), null))).isTrue();
      }
    }
  }

  /** Its answer is MOVED, or ASK while the slot is being moved. */
  @Test
  void aWatchedReadFollowsAKeyThatHasMoved() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      store.watch(new Unheard(), Duration.ZERO);
      await(store.put("key", bytes("state"), TTL));
      eventually().until(() -> await(store.readWatched("key")).feed() != null);
      int slot = cluster.slotOf("cache:key");
      RedisServer owner = cluster.ownerOf(slot);
      SlotMigration migration =
          cluster.beginMigration(
              slot, cluster.masters().stream().filter(it -> it != owner).findFirst().orElseThrow());

      migration.moveKeys();

      assertThat(await(store.readWatched("key")).bytes()).isEqualTo(bytes("state"));
      migration.finish();
      assertThat(await(store.readWatched("key")).bytes()).isEqualTo(bytes("state"));
    }
  }

  private static final class Unheard implements ChangeListener {
    @Override
    public void changed(String key) {}

    @Override
    public void allChanged(Cause cause) {}
  }

  @Test
  @Tag("full")
  void keysOfASlotThatIsBeingMovedAreFound() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      await(store.put("{s}:moved", bytes("old:payload"), TTL));
      int slot = cluster.slotOf("cache:{s}:moved");
      RedisServer target =
          cluster.masters().stream()
              .filter(node -> node != cluster.ownerOf(slot))
              .findFirst()
              .orElseThrow();
      SlotMigration migration = cluster.beginMigration(slot, target);
      migration.moveKeys();

      assertThat(await(store.read("{s}:moved"))).isEqualTo(bytes("old:payload"));
      assertThat(await(store.readTimed("{s}:moved", 4)).bytes()).isEqualTo(bytes("old:"));
      assertThat(await(store.swap("{s}:moved", bytes("old:"), bytes("new:"), null))).isTrue();
      assertThat(await(store.putIfAbsent("{s}:new", bytes("state"), TTL))).isNull();

      migration.finish();
      assertThat(await(store.read("{s}:moved"))).isEqualTo(bytes("new:"));
      assertThat(await(store.read("{s}:new"))).isEqualTo(bytes("state"));
    }
  }

  @Test
  @Tag("full")
  void aPromotedReplicaIsFollowed() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(1).start();
        RedisStore store = RedisStore.connect(clusterUri(cluster))) {
      putAll(store);
      RedisServer primary = cluster.ownerOf("cache:" + KEYS.get(0));
      RedisServer replica = cluster.replicasOf(primary).get(0);
      primary.awaitReplicationTo(replica);

      cluster.failover(replica);

      awaitUsable(store, KEYS.get(0));
      assertThat(cluster.ownerOf("cache:" + KEYS.get(0))).isSameAs(replica);
      assertAllThereBut(store, KEYS.get(0));
    }
  }

  private static void assertAllThereBut(RedisStore store, String changed) throws Exception {
    for (String key : KEYS) {
      if (!key.equals(changed)) {
        assertThat(await(store.read(key))).isEqualTo(bytes(key));
      }
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aKilledPrimaryIsReplacedAndTheOthersAnswerMeanwhile() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(1).start();
        RedisStore store = RedisStore.connect(clusterUri(cluster))) {
      RedisServer primary = cluster.masters().get(0);
      String lost = keyOf(cluster, primary);
      String kept = keyOf(cluster, cluster.masters().get(1));
      await(store.put(kept, bytes("state"), TTL));

      primary.kill();

      eventually().until(() -> reason(store.read(lost)) == Reason.DISCONNECTED);
      assertThat(await(store.read(kept))).isEqualTo(bytes("state"));
      assertThat(failure(store.ping())).isNotNull();
      awaitUsable(store, lost);
      eventually().until(() -> failure(store.ping()) == null);
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aNodeThatIsDownAtTheStartIsConnectedToLater() throws Exception {
    try (RedisCluster cluster =
        RedisCluster.builder().failureDetection(Duration.ofSeconds(60)).start()) {
      RedisServer down = cluster.masters().get(0);
      String lost = keyOf(cluster, down);
      String kept = keyOf(cluster, cluster.masters().get(1));
      down.stop();
      try (RedisStore store = connect(clusterUri(cluster))) {
        assertThat(failure(store.read(kept))).isNull();
        assertThat(reason(store.read(lost))).isEqualTo(Reason.DISCONNECTED);

        down.restart();

        awaitUsable(store, lost);
      }
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aClusterThatIsDownAtTheStartIsConnectedToLater() throws Exception {
    try (RedisCluster cluster =
        RedisCluster.builder().failureDetection(Duration.ofSeconds(60)).start()) {
      cluster.nodes().forEach(RedisServer::stop);
      try (RedisStore store = connect(clusterUri(cluster))) {
        assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);

        cluster.nodes().forEach(RedisServer::restart);
        cluster.awaitStable();

        for (String key : KEYS) {
          awaitUsable(store, key);
        }
      }
    }
  }

  private static String keyOf(RedisCluster cluster, RedisServer node) {
    return KEYS.stream()
        .filter(key -> cluster.ownerOf("cache:" + key) == node)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBatchNeedsFewWritesToEachNode() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(BUNDLED);
        RedisStore store = connect(clusterUri(cluster))) {
      putAll(store);
      long before = reads(cluster);

      putAll(store);

      assertThat(reads(cluster) - before).isLessThan(KEYS.size() / 2);
    }
  }

  private static long reads(RedisCluster cluster) {
    return cluster.nodes().stream()
        .mapToLong(node -> Long.parseLong(node.info("stats").get("total_reads_processed")))
        .sum();
  }

  /** Its caller was told that it is over; what others do meanwhile must not be overwritten late. */
  @Test
  @Tag("faults")
  @Tag("full")
  void whatWasNotAnsweredInTimeFollowsNoRedirection() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(BUNDLED);
        RedisStore store =
            RedisStore.builder()
                .uri(clusterUri(cluster))
                .commandTimeout(Duration.ofMillis(200))
                .connect()) {
      int slot = cluster.slotOf("cache:key");
      RedisServer owner = cluster.ownerOf(slot);
      RedisServer target =
          cluster.masters().stream().filter(node -> node != owner).findFirst().orElseThrow();
      cluster.beginMigration(slot, target);
      eventually().until(() -> failure(store.read("key")) == null);

      owner.freeze();
      assertThat(reason(store.put("key", bytes("late"), TTL))).isEqualTo(Reason.TIMED_OUT);
      owner.thaw();

      eventually().until(() -> failure(store.read("key")) == null);
      assertThat(target.command("DBSIZE")).isEqualTo(0L);
    }
  }
}
