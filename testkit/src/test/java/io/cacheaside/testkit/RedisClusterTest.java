package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
@Tag("full")
class RedisClusterTest {

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";

  @ParameterizedTest
  @MethodSource(BINARIES)
  void threeMastersShareTheSlotsAndASlotMovesWithItsKeys(ServerBinary binary) {
    try (RedisCluster cluster = RedisCluster.start(binary)) {
      assertThat(cluster.nodes()).hasSize(3).containsExactlyElementsOf(cluster.masters());
      assertThat(IntStream.of(0, 5461, 5462, 10922, 10923, 16383).mapToObj(cluster::ownerOf))
          .isSubsetOf(cluster.masters())
          .hasSize(6)
          .doesNotContainNull();
      assertThat(cluster.uris()).first().isEqualTo(cluster.nodes().get(0).uri());
      assertThat(cluster.slotOf("{tag}a")).isEqualTo(cluster.slotOf("tag"));

      RedisServer from = cluster.ownerOf("key");
      from.command("SET", "key", "v");
      RedisServer to = other(cluster, from);
      int slot = cluster.slotOf("key");

      SlotMigration migration = cluster.beginMigration(slot, to);
      assertThat(from.command("GET", "key")).isEqualTo("v");
      migration.moveKeys();
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(() -> from.command("GET", "key"))
          .withMessageStartingWith("ASK " + slot);
      migration.finish();

      assertThat(cluster.ownerOf("key")).isSameAs(to);
      assertThat(to.command("GET", "key")).isEqualTo("v");
      assertThatExceptionOfType(CommandFailedException.class)
          .isThrownBy(() -> from.command("GET", "key"))
          .withMessageStartingWith("MOVED " + slot);

      cluster.migrateSlot(slot, from);
      assertThat(from.command("GET", "key")).isEqualTo("v");
    }
  }

  @Test
  void replicaTakesOverOnOrderAndWhenItsMasterDies() {
    RedisCluster.Builder settings =
        RedisCluster.builder().replicasPerMaster(1).nodes(node -> node.password("secret"));
    try (RedisCluster cluster = settings.start()) {
      RedisServer first = cluster.ownerOf("key");
      RedisServer second = cluster.replicasOf(first).get(0);
      first.command("SET", "key", "v");
      first.awaitReplicationTo(second);

      cluster.failover(second);
      assertThat(cluster.ownerOf("key")).isSameAs(second);
      assertThat(cluster.replicasOf(second)).containsExactly(first);
      assertThat(second.command("GET", "key")).isEqualTo("v");

      second.kill();
      cluster.awaitStable();
      assertThat(cluster.ownerOf("key")).isSameAs(first);
      assertThat(first.command("GET", "key")).isEqualTo("v");

      second.restart();
      cluster.awaitStable();
      assertThat(cluster.replicasOf(first)).containsExactly(second);
      assertThat(cluster.masters()).hasSize(3);
    }
  }

  private static RedisServer other(RedisCluster cluster, RedisServer than) {
    return cluster.masters().stream().filter(node -> node != than).findAny().orElseThrow();
  }
}
