package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisSentinel;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.TcpProxy;
import io.cacheaside.testkit.TcpProxy.Direction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However the way to the server breaks, near values are not stale for longer than they may be. */
@Tag("faults")
class NearFaultsTest {
  private static final Duration MAX_STALENESS = Duration.ofMillis(500);
  private static final Duration SECONDS = Duration.ofSeconds(3);
  private static final Duration FREEZE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int FILLERS = 2_000;
  private static final List<String> ONE_KEY = List.of("key");
  private static final List<String> MANY_KEYS =
      IntStream.range(0, 100).mapToObj(number -> "key-" + number).toList();

  private static RedisStore.Builder store(String uri, String name) {
    return RedisStore.builder()
        .uri(uri)
        .clientName(name)
        .commandTimeout(Duration.ofMillis(200))
        .connectTimeout(Duration.ofSeconds(1));
  }

  private static RedisStore writes(RedisServer server) {
    return store(server.uri(), "writes").connect();
  }

  private static RedisStore reads(RedisServer server) {
    return store(server.uri(), "reads").connect();
  }

  private static NearPair pair(RedisStore writes, RedisStore reads, List<String> keys) {
    NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, keys);
    pair.writeEvery(PAUSE);
    return pair;
  }

  private static void assumeAvailable(ServerBinary binary) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
  }

  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void connectionsThatAreKilledAgainAndAgain(ServerBinary binary) {
    assumeAvailable(binary);
    try (RedisServer server = RedisServer.start(binary);
        RedisStore writes = writes(server);
        RedisStore reads = reads(server);
        NearPair pair = pair(writes, reads, ONE_KEY)) {
      for (int i = 0; i < 12; i++) {
        pair.awaitNear();
        eventually().until(() -> killConnections(server, "reads") > 0);
      }

      pair.awaitNear();
      pair.assertFresh(binary + ", killed connections");
    }
  }

  private static long killConnections(RedisServer server, String name) {
    return String.valueOf(server.command("CLIENT", "LIST"))
        .lines()
        .filter(client -> client.contains(" name=" + name + " "))
        .map(client -> client.replaceFirst("^id=(\\d+) .*", "$1"))
        .filter(id -> Long.valueOf(1).equals(server.command("CLIENT", "KILL", "ID", id)))
        .count();
  }

  @Test
  void aServerThatFreezesForLongerThanItsConnectionsLast() {
    try (RedisServer server = RedisServer.start();
        RedisStore writes = writes(server);
        RedisStore reads = reads(server);
        NearPair pair = pair(writes, reads, ONE_KEY)) {
      pair.awaitNear();

      server.freeze();
      NearPair.pass(FREEZE);
      server.thaw();

      pair.awaitNearAgain();
      pair.assertFresh("frozen server");
    }
  }

  /** Ways in which a network loses or holds what it is given, and tells nobody. */
  enum Silence {
    BOTH_WAYS(TcpProxy::blackHole),
    FROM_THE_SERVER(proxy -> proxy.blackHole(Direction.TO_CLIENT)),
    HELD_FROM_THE_SERVER(proxy -> proxy.hold(Direction.TO_CLIENT));

    private final Consumer<TcpProxy> begin;

    Silence(Consumer<TcpProxy> begin) {
      this.begin = begin;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNetworkThatFallsSilent(Silence silence) {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore writes = writes(server);
        RedisStore reads = store(server.uri(proxy), "reads").connect();
        NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, ONE_KEY)) {
      pair.awaitNear();

      silence.begin.accept(proxy);
      pair.writeEvery(PAUSE);
      NearPair.pass(SECONDS);
      proxy.pass();

      pair.awaitNear();
      pair.assertFresh("silence " + silence);
    }
  }

  @Test
  void aServerThatIsFlushed() {
    try (RedisServer server = RedisServer.start();
        RedisStore writes = writes(server);
        RedisStore reads = reads(server);
        NearPair pair = pair(writes, reads, ONE_KEY)) {
      for (int i = 0; i < 20; i++) {
        pair.awaitNear();
        server.command(i % 2 == 0 ? "FLUSHALL" : "FLUSHDB");
      }

      pair.awaitNear();
      pair.assertFresh("flushed");
    }
  }

  /** A replica is asked again and again whether it is a primary by now, while somebody listens. */
  @Test
  void nobodyIsAskedWhenTheLastCacheIsClosed() {
    try (RedisServer primary = RedisServer.start();
        RedisServer replica = RedisServer.builder().replicaOf(primary).start();
        RedisStore store =
            store(replica.uri(), "reads").connectTimeout(Duration.ofMinutes(1)).connect()) {
      CacheAside<String, String> cache =
          CacheAside.builder("closed", Codec.string()).store(store).build();
      eventually().until(() -> asked(replica) > 1);
      cache.close();

      int before = asked(replica);
      NearPair.pass(SECONDS);

      assertThat(asked(replica)).isLessThanOrEqualTo(before + 1);
    }
  }

  private static int asked(RedisServer server) {
    String calls = server.info("commandstats").getOrDefault("cmdstat_client|tracking", "calls=0,");
    return Integer.parseInt(calls.replaceFirst("calls=(\\d+),.*", "$1"));
  }

  @Test
  void aServerThatIsBusyWhenItIsAskedToTell() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = reads(server)) {
      server.command("CONFIG", "SET", "busy-reply-threshold", "1");
      CompletableFuture<?> script =
          CompletableFuture.runAsync(() -> server.command("EVAL", "while true do end", "0"));
      eventually().until(() -> isRefused(store.ping()));

      try (CacheAside<String, String> cache =
          CacheAside.builder("busy", Codec.string())
              .store(store)
              .nearCache(NearCache.ofEntries(10))
              .build()) {
        assertThat(isRefused(store.ping())).as("still busy").isTrue();
        server.command("SCRIPT", "KILL");
        assertThat(failure(script)).isNotNull();

        cache.put("k", "v");
        eventually()
            .until(() -> cache.get("k", key -> "v") != null && cache.stats().nearHits() > 0);
      }
    }
  }

  private static boolean isRefused(CompletionStage<?> stage) throws Exception {
    return failure(stage) instanceof StoreException known && known.reason() == Reason.REFUSED;
  }

  /** What a server keeps in mind is bounded: it forgets, and says so. */
  @Test
  void aServerThatForgetsWhatWasRead() {
    try (RedisServer server = RedisServer.start();
        RedisStore writes = writes(server);
        RedisStore reads = reads(server);
        NearPair pair = pair(writes, reads, MANY_KEYS)) {
      pair.awaitNear();

      server.command("CONFIG", "SET", "tracking-table-max-keys", "1");
      NearPair.pass(MAX_STALENESS.multipliedBy(2));
      server.command("CONFIG", "SET", "tracking-table-max-keys", "0");

      pair.awaitNear();
      pair.assertFresh("forgotten keys");
    }
  }

  /**
   * An invalidation of a key that has been evicted finds nothing to remove, and tells nobody. Keys
   * are evicted for the sake of any command, such as one of the process that has read them.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatEvictsKeys(boolean forTheReader) throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore writes = writes(server);
        RedisStore reads = reads(server);
        NearPair pair = pair(writes, reads, MANY_KEYS)) {
      RedisStore filler = forTheReader ? reads : writes;
      pair.awaitNear();

      server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      long used = Long.parseLong(server.info("memory").get("used_memory"));
      server.command("CONFIG", "SET", "maxmemory", String.valueOf(used + 1_000_000));
      for (int i = 0; i < FILLERS; i++) {
        failure(filler.put("filler:" + i, new byte[5_000], Stages.TTL));
      }
      NearPair.pass(MAX_STALENESS.multipliedBy(2));

      assertThat(Long.parseLong(server.info("stats").get("evicted_keys")))
          .isGreaterThan(FILLERS / 2);
      pair.assertFresh("evicted keys, for the reader: " + forTheReader);
    }
  }

  /**
   * The demotion breaks no connection. What the demoted server answers is outdated for as long as
   * it has not caught up with its successor, which is never here: that must not be kept.
   */
  @Test
  void aDemotedServerThatDoesNotCatchUp() {
    try (RedisServer old = RedisServer.start();
        RedisServer promoted = RedisServer.builder().replicaOf(old).start();
        TcpProxy replication = TcpProxy.to(promoted);
        RedisStore writes = writes(promoted);
        RedisStore reads = reads(old);
        NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, ONE_KEY)) {
      pair.awaitNear();
      old.awaitReplicationTo(promoted);
      replication.hold();

      promoted.command("REPLICAOF", "NO", "ONE");
      old.command("REPLICAOF", replication.host(), String.valueOf(replication.port()));
      pair.writeEvery(PAUSE);
      NearPair.pass(MAX_STALENESS.multipliedBy(4));

      pair.assertNearIsFresh("demoted, without a broken connection");
    }
  }

  /**
   * It takes itself for the primary, and nothing was changed there: its reader cannot know better,
   * which the limitations say, until the two are one network again.
   */
  @Test
  void anOldPrimaryThatIsCutOffWithItsReader() {
    try (RedisServer old = RedisServer.start();
        RedisServer promoted = RedisServer.builder().replicaOf(old).start();
        RedisStore writes = writes(promoted);
        RedisStore reads = reads(old);
        NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, ONE_KEY)) {
      pair.awaitNear();
      old.awaitReplicationTo(promoted);

      promoted.command("REPLICAOF", "NO", "ONE");
      pair.writeEvery(PAUSE);
      NearPair.pass(SECONDS);
      assertThat(pair.worstNearUntilNow("old primary, cut off")).isGreaterThan(MAX_STALENESS);

      old.command("REPLICAOF", promoted.host(), String.valueOf(promoted.port()));
      NearPair.pass(MAX_STALENESS);
      pair.worstNearUntilNow("old primary, found again");
      NearPair.pass(MAX_STALENESS.multipliedBy(2));
      pair.assertNearIsFresh("old primary, found again for maxStaleness");
    }
  }

  @Test
  void aServerThatIsDemotedAndPromotedAgain() {
    try (RedisServer server = RedisServer.start();
        RedisServer other = RedisServer.start();
        RedisStore writes = writes(server);
        RedisStore reads =
            store(server.uri(), "reads").connectTimeout(Duration.ofMinutes(1)).connect();
        NearPair pair = pair(writes, reads, ONE_KEY)) {
      pair.awaitNear();

      server.command("REPLICAOF", other.host(), String.valueOf(other.port()));
      NearPair.pass(MAX_STALENESS);
      server.command("REPLICAOF", "NO", "ONE");

      pair.awaitNearAgain();
      pair.assertNearIsFresh("demoted and promoted again");
    }
  }

  /** What the old primary confirms and nobody copies would be lost: so copies are awaited. */
  @Test
  void anotherPrimaryBehindSentinels() {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED);
        RedisStore writes =
            store(sentinel.uri(), "writes")
                .invalidationCopies(1)
                .copyTimeout(Duration.ofMillis(200))
                .connect();
        RedisStore reads = store(sentinel.uri(), "reads").connect();
        NearPair pair = pair(writes, reads, ONE_KEY)) {
      pair.awaitNear();
      RedisServer old = sentinel.master();

      sentinel.failover();
      eventually().until(() -> sentinel.master() != old);

      pair.awaitNearAgain();
      pair.assertNearIsFresh("failover by Sentinel");
    }
  }
}
