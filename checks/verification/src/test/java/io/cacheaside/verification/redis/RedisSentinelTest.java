package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisSentinel;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A primary that Sentinels name, and another after it. */
@Tag("sentinel")
@Tag("full")
class RedisSentinelTest {
  @Test
  void thePrimaryIsUsed() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED);
        RedisStore store = connect(sentinel.uri())) {
      await(store.put("key", bytes("state"), TTL));

      assertThat(sentinel.master().command("GET", "cache:key")).isEqualTo("state");
      assertThat(store.toString()).contains(sentinel.uri());
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
    }
  }

  @Test
  void nodesAndNameMayBeGivenApart() throws Exception {
    try (RedisSentinel sentinel =
        RedisSentinel.builder().servers(server -> server.password("s3cret")).start()) {
      String[] nodes =
          sentinel.sentinels().stream()
              .map(node -> node.host() + ":" + node.port())
              .toArray(String[]::new);
      try (RedisStore store =
          RedisStore.builder()
              .nodes(nodes)
              .sentinelMaster(sentinel.masterName())
              .password("s3cret".toCharArray())
              .connect()) {
        await(store.put("key", bytes("state"), TTL));

        assertThat(sentinel.master().command("GET", "cache:key")).isEqualTo("state");
      }
    }
  }

  @Test
  void aPromotionIsFollowed() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED);
        RedisStore store = RedisStore.connect(sentinel.uri())) {
      await(store.put("key", bytes("state"), TTL));
      RedisServer old = sentinel.master();
      old.awaitReplicationTo(sentinel.replica());

      sentinel.failover();

      awaitUsable(store, "other");
      assertThat(sentinel.master()).isNotSameAs(old);
      assertThat(await(store.read("key"))).isEqualTo(bytes("state"));
      assertThat(sentinel.master().command("GET", "cache:other")).isEqualTo("usable");
    }
  }

  @Test
  @Tag("faults")
  void aKilledPrimaryIsReplaced() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.builder().sentinels(3).start();
        RedisStore store = RedisStore.connect(sentinel.uri())) {
      await(store.ping());

      sentinel.master().kill();

      eventually().until(() -> reason(store.read("key")) == Reason.DISCONNECTED);
      awaitUsable(store, "key");
    }
  }

  @Test
  @Tag("faults")
  void anotherSentinelIsAskedIfTheFirstIsDown() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.builder().sentinels(3).start()) {
      sentinel.sentinels().get(0).stop();
      try (RedisStore store = connect(sentinel.uri())) {
        assertThat(failure(store.ping())).isNull();
      }
    }
  }

  @Test
  @Tag("faults")
  void sentinelsThatAreDownAtTheStartAreAskedLater() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED)) {
      sentinel.sentinels().forEach(RedisServer::stop);
      try (RedisStore store = connect(sentinel.uri())) {
        assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);

        sentinel.sentinels().forEach(RedisServer::restart);

        awaitUsable(store, "key");
      }
    }
  }

  @Test
  void aNameTheSentinelsDoNotKnowIsRefusedAtOnce() {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED)) {
      String uri = sentinel.uri().replaceFirst("#.*", "#nobody");

      assertThatExceptionOfType(RedisConnectException.class)
          .isThrownBy(() -> RedisStore.connect(uri))
          .withMessageContaining("nobody");
    }
  }

  @Test
  void aServerThatIsNoSentinelIsRefusedAtOnce() {
    try (RedisServer server = RedisServer.start()) {
      assertThatExceptionOfType(RedisConnectException.class)
          .isThrownBy(
              () ->
                  RedisStore.builder()
                      .nodes(server.host() + ":" + server.port())
                      .sentinelMaster("primary")
                      .connect())
          .withMessageContaining("redis-sentinel://127.0.0.1:" + server.port() + "#primary");
    }
  }
}
