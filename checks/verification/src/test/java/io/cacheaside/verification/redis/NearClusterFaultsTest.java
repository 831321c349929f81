package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.RedisClusterContractTest.clusterUri;
import static io.cacheaside.verification.redis.Stages.eventually;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisCluster;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SlotMigration;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** While keys go from one node of a cluster to another, near values are not stale for too long. */
@Tag("cluster")
@Tag("faults")
@Tag("full")
class NearClusterFaultsTest {
  private static final Duration MAX_STALENESS = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final List<String> KEYS =
      IntStream.range(0, 12).mapToObj(number -> "key-" + number).toList();

  private static RedisCluster start(ServerBinary binary) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    return RedisCluster.builder().nodes(node -> node.binary(binary)).replicasPerMaster(1).start();
  }

  private static NearPair pair(NearWriter writes, RedisStore reads) {
    NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, KEYS);
    pair.writeEvery(PAUSE);
    return pair;
  }

  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void slotsThatMove(ServerBinary binary) {
    try (RedisCluster cluster = start(binary);
        RedisStore reads = NearPair.reads(clusterUri(cluster)).connect();
        NearPair pair = pair(NearWriter.start(clusterUri(cluster)), reads)) {
      for (String key : KEYS.subList(0, 2)) {
        pair.awaitNear();
        move(cluster, cluster.slotOf("cache:pair:" + key));
      }

      pair.awaitNearAgain();
      pair.assertFresh(binary + ", moved slots");
    }
  }

  private static void move(RedisCluster cluster, int slot) {
    RedisServer owner = cluster.ownerOf(slot);
    RedisServer target =
        cluster.masters().stream().filter(node -> node != owner).findFirst().orElseThrow();
    SlotMigration migration = cluster.beginMigration(slot, target);
    NearPair.pass(PAUSE.multipliedBy(4));
    migration.moveKeys();
    NearPair.pass(PAUSE.multipliedBy(4));
    migration.finish();
  }

  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void rolesThatAreSwappedAndSwappedBack(ServerBinary binary) {
    try (RedisCluster cluster = start(binary);
        RedisStore reads = NearPair.reads(clusterUri(cluster)).connect();
        NearPair pair = pair(NearWriter.start(clusterUri(cluster)), reads)) {
      pair.awaitNear();
      RedisServer primary = cluster.masters().get(0);

      cluster.failover(cluster.replicasOf(primary).get(0));
      pair.awaitNear();
      cluster.failover(primary);

      pair.awaitNearAgain();
      pair.assertFresh(binary + ", swapped roles in a cluster");
    }
  }

  /** Its connection may stay open for good. */
  @Test
  void aPrimaryThatWasReplacedIsNotWaitedFor() {
    try (RedisCluster cluster = start(ServerBinary.BUNDLED);
        RedisStore store = NearPair.reads(clusterUri(cluster)).connect();
        CacheAside<String, String> cache =
            CacheAside.builder("replaced", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(100).maxStaleness(MAX_STALENESS))
                .build()) {
      KEYS.forEach(key -> cache.get(key, other -> "value"));

      cluster.failover(cluster.replicasOf(cluster.masters().get(0)).get(0));

      eventually().until(() -> isToldAllTheTime(cache));
    }
  }

  private static boolean isToldAllTheTime(CacheAside<String, String> cache) {
    long hitsBefore = cache.stats().nearHits();
    Duration before = cache.stats().timeUntold();
    KEYS.forEach(key -> cache.get(key, other -> "value"));
    NearPair.pass(MAX_STALENESS.multipliedBy(2));
    return cache.stats().timeUntold().equals(before)
        && cache.stats().nearHits() == hitsBefore + KEYS.size();
  }

  /** What a primary confirms and nobody copies would be lost with it: so copies are awaited. */
  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void aPrimaryThatIsKilled(ServerBinary binary) {
    try (RedisCluster cluster = start(binary);
        RedisStore reads = NearPair.reads(clusterUri(cluster)).connect();
        NearPair pair = pair(NearWriter.startWithCopies(clusterUri(cluster)), reads)) {
      pair.awaitNear();
      RedisServer primary = cluster.masters().get(0);

      primary.kill();
      cluster.awaitStable();
      primary.restart();
      cluster.awaitStable();

      pair.awaitNearAgain();
      pair.assertFresh(binary + ", killed primary of a cluster");
    }
  }
}
