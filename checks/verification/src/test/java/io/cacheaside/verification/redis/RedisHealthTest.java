package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheHealth;
import io.cacheaside.CacheHealth.Status;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Servers that answer every ping, and store nothing. */
@Tag("redis")
class RedisHealthTest {

  private static CacheHealth afterARead(RedisStore store) throws Exception {
    try (CacheAside<String, String> cache =
        CacheAside.<String>builder("c", Codec.string()).store(store).build()) {
      assertThat(cache.get("k", key -> "loaded")).isEqualTo("loaded");

      CacheHealth health = cache.health();
      assertThat(Stages.await(cache.async().health()).status()).isEqualTo(health.status());
      return health;
    }
  }

  private static void assertDegraded(CacheHealth health, String reason) {
    assertThat(health.status()).isEqualTo(Status.DEGRADED);
    assertThat(health.roundTrip()).isNotNull();
    assertThat(health.failure()).hasMessageContaining(reason);
  }

  @Test
  void aUserWhoMayOnlyReadFromNowOnMeansDegraded() throws Exception {
    try (RedisServer server =
            RedisServer.builder().user("app", "s3cret", "~cache:*", "+@all").start();
        RedisStore store =
            RedisStore.builder()
                .host(server.host())
                .port(server.port())
                .username("app")
                .password("s3cret")
                .connect()) {
      server.command("ACL", "SETUSER", "app", "-@all", "+getrange", "+ping", "+unlink");

      CacheHealth health = afterARead(store);

      assertThat(health.status()).isEqualTo(Status.DEGRADED);
      assertThat(health.failure()).isNotNull();
      assertThat(health.failure().getMessage()).containsAnyOf("NOPERM", "can't run this command");
    }
  }

  @Test
  void aFullServerMeansDegraded() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      server.command("CONFIG", "SET", "maxmemory", "1");
      assertDegraded(afterARead(store), "OOM");

      server.command("CONFIG", "SET", "maxmemory", "0");
      assertThat(afterARead(store).status()).isEqualTo(Status.UP);
    }
  }

  @Test
  void aReplicaMeansDegraded() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisServer replica = RedisServer.builder().replicaOf(server).start();
        RedisStore store = connect(replica.uri())) {
      server.awaitReplicationTo(replica);

      assertDegraded(afterARead(store), "READONLY");
    }
  }
}
