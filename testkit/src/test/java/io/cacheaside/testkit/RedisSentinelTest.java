package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("servers")
@Tag("full")
class RedisSentinelTest {

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";

  @ParameterizedTest
  @MethodSource(BINARIES)
  void rolesSwapOnOrder(ServerBinary binary) {
    try (RedisSentinel sentinel = RedisSentinel.start(binary)) {
      RedisServer master = sentinel.master();
      RedisServer replica = sentinel.replica();
      assertThat(sentinel.uri())
          .isEqualTo(
              "redis-sentinel://127.0.0.1:"
                  + sentinel.sentinels().get(0).port()
                  + "#"
                  + sentinel.masterName());
      master.command("SET", "k", "v");
      master.awaitReplicationTo(replica);

      sentinel.failover();
      assertThat(sentinel.master()).isSameAs(replica);
      assertThat(sentinel.replica()).isSameAs(master);
      assertThat(replica.command("GET", "k")).isEqualTo("v");
      assertThat(replica.command("SET", "k", "w")).isEqualTo("OK");
    }
  }

  @Test
  void replicaTakesOverWhenTheMasterDies() {
    RedisSentinel.Builder settings =
        RedisSentinel.builder().sentinels(3).servers(server -> server.password("secret"));
    try (RedisSentinel sentinel = settings.start()) {
      assertThat(sentinel.uri()).startsWith("redis-sentinel://:secret@");
      RedisServer master = sentinel.master();
      RedisServer replica = sentinel.replica();
      sentinel.sentinels().get(0).kill();
      master.kill();
      sentinel.awaitStable();
      assertThat(sentinel.master()).isSameAs(replica);

      master.restart();
      sentinel.awaitStable();
      assertThat(sentinel.replica()).isSameAs(master);
      assertThat(master.info("replication")).containsEntry("role", "slave");
    }
  }
}
