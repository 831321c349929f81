package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
@Tag("full")
class SharedServersTest {

  @ParameterizedTest
  @MethodSource("io.cacheaside.testkit.ServerBinary#available")
  void eachProgramHasOneServer(ServerBinary binary) {
    RedisServer server = SharedServers.redis(binary);
    assertThat(server.binary()).isEqualTo(binary);
    assertThat(server.command("PING")).isEqualTo("PONG");
    assertThat(SharedServers.redis(binary)).isSameAs(server);
  }

  @Test
  void eachProgramHasOneCluster() {
    RedisCluster cluster = SharedServers.cluster(ServerBinary.BUNDLED);
    assertThat(cluster.masters()).hasSize(3);
    assertThat(SharedServers.cluster(ServerBinary.BUNDLED)).isSameAs(cluster);
  }
}
