package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.reason;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SlotMigration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waiting for replicas in a cluster, where each primary has its own. */
@Tag("cluster")
@Tag("full")
class RedisClusterReplicationTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final List<String> KEYS =
      IntStream.range(0, 300).mapToObj(number -> "key-" + number).toList();

  private static RedisCluster start() {
    return RedisCluster.builder().replicasPerMaster(1).start();
  }

  private static RedisStoreBuilder store(RedisCluster cluster) {
    return RedisStore.builder()
        .uri(clusterUri(cluster))
        .commandTimeout(Duration.ofSeconds(20))
        .copyTimeout(Duration.ofSeconds(20))
        .invalidationCopies(1);
  }

  private static CompletionStage<Void> invalidate(RedisStore store, List<String> keys)
      throws Exception {
    List<CompletionStage<?>> stages = new ArrayList<>();
    store.batch(
        () ->
            keys.forEach(
                key -> {
                  stages.add(store.put(key, bytes("state"), TTL));
                  stages.add(store.remove(key));
                }));
    for (CompletionStage<?> stage : stages) {
      await(stage);
    }
    return store.awaitCopies(keys);
  }

  private static boolean invalidates(RedisStore store, String key) throws Exception {
    return failure(store.remove(key)) == null && failure(store.awaitCopies(List.of(key))) == null;
  }

  private static String keyOf(RedisCluster cluster, RedisServer primary) {
    return KEYS.stream()
        .filter(key -> cluster.ownerOf("cache:" + key) == primary)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "REDIS_8_0", "VALKEY_8_1"})
  void theReplicasOfEachKeyAreAwaited(ServerBinary binary) throws Exception {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    try (RedisCluster cluster =
            RedisCluster.builder()
                .nodes(node -> node.binary(binary))
                .replicasPerMaster(1)
                .failureDetection(Duration.ofSeconds(30))
                .start();
        RedisStore store = store(cluster).connect();
        RedisStore hasty = store(cluster).copyTimeout(SHORT).connect()) {
      cluster.masters().forEach(primary -> primary.command("CONFIG", "RESETSTAT"));
      assertThat(failure(invalidate(store, KEYS))).isNull();
      assertThat(failure(store.awaitCopies(List.of()))).isNull();
      for (RedisServer primary : cluster.masters()) {
        assertThat(primary.commandCalls("wait")).isEqualTo(2);
        assertThat(primary.command("DBSIZE")).isEqualTo(0L);
      }

      List<RedisServer> primaries = cluster.masters();
      cluster.replicasOf(primaries.get(0)).get(0).freeze();

      String without = keyOf(cluster, primaries.get(0));
      String with = keyOf(cluster, primaries.get(1));
      assertThat(failure(invalidate(store, List.of(with)))).isNull();
      assertThat(storeFailure(invalidate(hasty, List.of(without))))
          .hasMessageContaining("0 of 1 copies");
      assertThat(reason(invalidate(hasty, List.of(with, without)))).isEqualTo(Reason.REFUSED);
      assertThat(reason(hasty.awaitCopies(List.of()))).isEqualTo(Reason.REFUSED);
    }
  }

  @Test
  void aPrefixMayPutAllKeysIntoOneSlot() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).prefix("{app}:").connect()) {
      cluster.masters().forEach(primary -> primary.command("CONFIG", "RESETSTAT"));
      assertThat(failure(invalidate(store, KEYS))).isNull();
      assertThat(failure(store.awaitCopies(List.of()))).isNull();
      for (RedisServer primary : cluster.masters()) {
        boolean owner = primary == cluster.ownerOf("{app}:");
        assertThat(primary.commandCalls("wait")).isEqualTo(owner ? 2 : 0);
      }
    }
  }

  @Test
  void keysMayChooseTheirSlot() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).prefix("a{b").connect()) {
      List<String> keys = List.of("x}y", "x", "}", "{c}", "{}", "a{b}c");

      assertThat(failure(invalidate(store, keys))).isNull();
    }
  }

  @Test
  void aSlotThatHasMovedIsAwaitedWhereItIs() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).connect()) {
      String key = KEYS.get(0);
      assertThat(failure(invalidate(store, List.of(key)))).isNull();
      int slot = cluster.slotOf("cache:" + key);
      RedisServer target = anotherPrimary(cluster, slot);
      target.command("CONFIG", "RESETSTAT");
      cluster.migrateSlot(slot, target);
      assertThat(target.commandCalls("wait")).isZero();

      eventually().until(() -> invalidates(store, key));

      assertThat(target.commandCalls("wait")).isPositive();
    }
  }

  /** A removal may have gone to either of two primaries. */
  @Test
  void aSlotThatIsBeingMovedFailsUntilItHas() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).connect()) {
      String key = KEYS.get(0);
      int slot = cluster.slotOf("cache:" + key);
      SlotMigration migration = cluster.beginMigration(slot, anotherPrimary(cluster, slot));

      assertThat(storeFailure(store.awaitCopies(List.of(key)))).hasMessageContaining("ASK");
      assertThat(reason(store.awaitCopies(List.of(key)))).isEqualTo(Reason.REFUSED);

      migration.moveKeys();
      migration.finish();
      cluster.awaitStable();
      eventually().until(() -> invalidates(store, key));
    }
  }

  /** Who shares a wait with such a key has an answer of its own. */
  @Test
  void aSlotThatIsBeingMovedFailsForItsOwnKeysAlone() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).connect()) {
      RedisServer primary = cluster.masters().get(0);
      String moved = keyOf(cluster, primary);
      int slot = cluster.slotOf("cache:" + moved);
      String kept =
          KEYS.stream()
              .filter(key -> cluster.ownerOf("cache:" + key) == primary)
              .filter(key -> cluster.slotOf("cache:" + key) != slot)
              .findFirst()
              .orElseThrow();
      RedisServer target = anotherPrimary(cluster, slot);
      cluster.masters().forEach(node -> node.command("CONFIG", "RESETSTAT"));
      cluster.beginMigration(slot, target);
      cluster.replicasOf(primary).get(0).freeze();
      CompletionStage<?> first = store.awaitCopies(List.of(kept));
      eventually().until(() -> primary.info("clients").get("blocked_clients").equals("1"));

      CompletionStage<?> failing = store.awaitCopies(List.of(moved));
      CompletionStage<?> second = store.awaitCopies(List.of(kept));
      eventually().until(() -> primary.commandCalls("eval") >= 2);
      eventually().until(() -> target.commandCalls("eval") == 1);
      await(store.read(kept));
      cluster.replicasOf(primary).get(0).thaw();

      assertThat(storeFailure(failing)).hasMessageContaining("ASK");
      assertThat(failure(first)).isNull();
      assertThat(failure(second)).isNull();
    }
  }

  private static RedisServer anotherPrimary(RedisCluster cluster, int slot) {
    return cluster.masters().stream()
        .filter(node -> node != cluster.ownerOf(slot))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theNewPrimaryIsAskedAfterAPromotion() throws Exception {
    try (RedisCluster cluster = start();
        RedisStore store = store(cluster).connect()) {
      RedisServer primary = cluster.masters().get(0);
      String key = keyOf(cluster, primary);
      assertThat(failure(invalidate(store, List.of(key)))).isNull();
      RedisServer replica = cluster.replicasOf(primary).get(0);
      primary.awaitReplicationTo(replica);

      cluster.failover(replica);

      eventually().until(() -> invalidates(store, key));
      assertThat(replica.commandCalls("wait")).isPositive();
    }
  }

  @Test
  @Tag("faults")
  void aPrimaryThatIsKilledMakesItFailUntilItIsReplaced() throws Exception {
    try (RedisCluster cluster = RedisCluster.builder().replicasPerMaster(2).start();
        RedisStore store = store(cluster).connect()) {
      RedisServer primary = cluster.masters().get(0);
      String lost = keyOf(cluster, primary);
      String kept = keyOf(cluster, cluster.masters().get(1));
      eventually().until(() -> invalidates(store, lost));

      primary.kill();

      eventually().until(() -> failure(store.awaitCopies(List.of(lost))) != null);
      assertThat(failure(invalidate(store, List.of(kept)))).isNull();
      eventually().until(() -> invalidates(store, lost));
    }
  }
}
