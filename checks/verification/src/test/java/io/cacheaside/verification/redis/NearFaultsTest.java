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
import io.cacheaside.verification.processes.Network;
import io.cacheaside.verification.processes.Routes;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** However the way to the server breaks, near values are not stale for longer than they may be. */
@Tag("faults")
@Tag("full")
class NearFaultsTest {
  private static final Duration MAX_STALENESS = Duration.ofMillis(500);
  private static final Duration SECONDS = Duration.ofSeconds(3);
  private static final Duration FREEZE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int FILLERS = 2_000;
  private static final List<String> ONE_KEY = List.of("key");

  /** On each primary of a cluster some. */
  private static final List<String> SOME_KEYS = List.of("key-0", "key-1", "key-2", "key-3");

  private static final List<String> MANY_KEYS =
      IntStream.range(0, 100).mapToObj(number -> "key-" + number).toList();

  private static RedisStore reads(RedisServer server) {
    return NearPair.reads(server.uri()).connect();
  }

  private static NearPair pair(NearWriter writes, RedisStore reads, List<String> keys) {
    NearPair pair = NearPair.of(writes, reads, MAX_STALENESS, keys);
    pair.writeEvery(PAUSE);
    return pair;
  }

  private static NearPair pair(Primaries primaries, RedisStore reads, List<String> keys) {
    return pair(NearWriter.start(primaries.uri()), reads, keys);
  }

  private static RedisServer start(ServerBinary binary) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    return RedisServer.start(binary);
  }

  @ParameterizedTest
  @EnumSource
  void connectionsThatAreKilledAgainAndAgain(Primaries.Kind kind) {
    try (Primaries primaries = Primaries.start(kind);
        RedisStore reads = primaries.reads().connect();
        NearPair pair = pair(primaries, reads, SOME_KEYS)) {
      for (int i = 0; i < 12; i++) {
        pair.awaitNear();
        primaries
            .servers()
            .forEach(server -> eventually().until(() -> killConnections(server, "reads") > 0));
      }

      pair.awaitNear();
      pair.assertFresh(kind + ", killed connections");
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

  @ParameterizedTest
  @EnumSource
  void aServerThatFreezesForLongerThanItsConnectionsLast(Primaries.Kind kind) {
    try (Primaries primaries = Primaries.start(kind);
        RedisStore reads = primaries.reads().connect();
        NearPair pair = pair(primaries, reads, SOME_KEYS)) {
      pair.awaitNear();

      primaries.first().freeze();
      NearPair.pass(FREEZE);
      primaries.first().thaw();

      pair.awaitNearAgain();
      pair.assertFresh(kind + ", frozen server");
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

  static Stream<Arguments> silences() {
    return Arrays.stream(Primaries.Kind.values())
        .flatMap(
            kind -> Arrays.stream(Silence.values()).map(silence -> Arguments.of(kind, silence)));
  }

  @ParameterizedTest
  @MethodSource("silences")
  void aNetworkThatFallsSilent(Primaries.Kind kind, Silence silence) {
    try (Primaries primaries = Primaries.start(kind);
        Network network = new Network(primaries.servers());
        SharedThreads threads = new SharedThreads(network);
        RedisStore reads = primaries.reads().clientResources(threads.resources()).connect();
        NearPair pair =
            NearPair.of(NearWriter.start(primaries.uri()), reads, MAX_STALENESS, SOME_KEYS)) {
      pair.awaitNear();
      TcpProxy way = network.to(primaries.first());

      silence.begin.accept(way);
      pair.writeEvery(PAUSE);
      NearPair.pass(SECONDS);
      way.pass();

      pair.awaitNear();
      pair.assertFresh(kind + ", silence " + silence);
    }
  }

  /** Client threads that find their servers over a network. */
  private record SharedThreads(ClientResources resources) implements AutoCloseable {
    SharedThreads(Network network) {
      this(ClientResources.builder().socketAddressResolver(new Routes(network.routes())).build());
    }

    @Override
    public void close() {
      resources.shutdown(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsFlushed(Primaries.Kind kind) {
    try (Primaries primaries = Primaries.start(kind);
        RedisStore reads = primaries.reads().connect();
        NearPair pair = pair(primaries, reads, SOME_KEYS)) {
      for (int i = 0; i < 20; i++) {
        String command = i % 2 == 0 ? "FLUSHALL" : "FLUSHDB";
        pair.awaitNear();
        primaries.servers().forEach(server -> server.command(command));
      }

      pair.awaitNear();
      pair.assertFresh(kind + ", flushed");
    }
  }

  /** A replica is asked again and again whether it is a primary by now, while somebody listens. */
  @Test
  void nobodyIsAskedWhenTheLastCacheIsClosed() {
    try (RedisServer primary = RedisServer.start();
        RedisServer replica = RedisServer.builder().replicaOf(primary).start();
        RedisStore store =
            NearPair.reads(replica.uri()).connectTimeout(Duration.ofMinutes(1)).connect()) {
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
  @ParameterizedTest
  @EnumSource
  void aServerThatForgetsWhatWasRead(Primaries.Kind kind) {
    try (Primaries primaries = Primaries.start(kind);
        RedisStore reads = primaries.reads().connect();
        NearPair pair = pair(primaries, reads, MANY_KEYS)) {
      pair.awaitNear();

      configure(primaries, "tracking-table-max-keys", "1");
      NearPair.pass(MAX_STALENESS.multipliedBy(2));
      configure(primaries, "tracking-table-max-keys", "0");

      pair.awaitNear();
      pair.assertFresh(kind + ", forgotten keys");
    }
  }

  private static void configure(Primaries primaries, String directive, String value) {
    primaries.servers().forEach(server -> server.command("CONFIG", "SET", directive, value));
  }

  /**
   * An invalidation of a key that has been evicted finds nothing to remove, and tells nobody. Keys
   * are evicted for the sake of any command, such as one of the process that has read them.
   */
  @ParameterizedTest
  @CsvSource({
    "REDIS,true",
    "REDIS,false",
    "VALKEY,true",
    "VALKEY,false",
    "CLUSTER,true",
    "CLUSTER,false"
  })
  void aServerThatEvictsKeys(Primaries.Kind kind, boolean forTheReader) throws Exception {
    try (Primaries primaries = Primaries.start(kind);
        RedisStore another = primaries.reads().clientName("another").connect();
        RedisStore reads = primaries.reads().connect();
        NearPair pair = pair(primaries, reads, MANY_KEYS)) {
      RedisStore filler = forTheReader ? reads : another;
      pair.awaitNear();

      configure(primaries, "maxmemory-policy", "allkeys-lru");
      primaries.servers().forEach(NearFaultsTest::leaveLittleMemory);
      for (int i = 0; i < FILLERS; i++) {
        failure(filler.put("filler:" + i, new byte[5_000], Stages.TTL));
      }
      NearPair.pass(MAX_STALENESS.multipliedBy(2));

      assertThat(primaries.servers().stream().mapToLong(NearFaultsTest::evictions).sum())
          .isGreaterThan(FILLERS / 2);
      pair.assertFresh(kind + ", evicted keys, for the reader: " + forTheReader);
    }
  }

  private static void leaveLittleMemory(RedisServer server) {
    long used = Long.parseLong(server.info("memory").get("used_memory"));
    server.command("CONFIG", "SET", "maxmemory", String.valueOf(used + 1_000_000));
  }

  private static long evictions(RedisServer server) {
    return Long.parseLong(server.info("stats").get("evicted_keys"));
  }

  /**
   * The demotion breaks no connection. What the demoted server answers is outdated for as long as
   * it has not caught up with its successor, which is never here: that must not be kept.
   */
  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void aDemotedServerThatDoesNotCatchUp(ServerBinary binary) {
    try (RedisServer old = start(binary);
        RedisServer promoted = RedisServer.builder().binary(binary).replicaOf(old).start();
        TcpProxy replication = TcpProxy.to(promoted);
        RedisStore reads = reads(old);
        NearPair pair =
            NearPair.of(NearWriter.start(promoted.uri()), reads, MAX_STALENESS, ONE_KEY)) {
      pair.awaitNear();
      old.awaitReplicationTo(promoted);
      replication.hold();

      promoted.command("REPLICAOF", "NO", "ONE");
      old.command("REPLICAOF", replication.host(), String.valueOf(replication.port()));
      pair.writeEvery(PAUSE);
      NearPair.pass(MAX_STALENESS.multipliedBy(4));

      pair.assertNearIsFresh(binary + ", demoted, without a broken connection");
    }
  }

  /**
   * It takes itself for the primary, and nothing was changed there: its reader cannot know better,
   * which the limitations say, until the two are one network again.
   */
  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void anOldPrimaryThatIsCutOffWithItsReader(ServerBinary binary) {
    try (RedisServer old = start(binary);
        RedisServer promoted = RedisServer.builder().binary(binary).replicaOf(old).start();
        RedisStore reads = reads(old);
        NearPair pair =
            NearPair.of(NearWriter.start(promoted.uri()), reads, MAX_STALENESS, ONE_KEY)) {
      pair.awaitNear();
      old.awaitReplicationTo(promoted);

      promoted.command("REPLICAOF", "NO", "ONE");
      pair.writeEvery(PAUSE);
      NearPair.pass(SECONDS);
      assertThat(pair.worstNearUntilNow(binary + ", old primary, cut off"))
          .isGreaterThan(MAX_STALENESS);

      old.command("REPLICAOF", promoted.host(), String.valueOf(promoted.port()));
      NearPair.pass(MAX_STALENESS);
      pair.worstNearUntilNow(binary + ", old primary, found again");
      NearPair.pass(MAX_STALENESS.multipliedBy(2));
      pair.assertNearIsFresh(binary + ", old primary, found again for maxStaleness");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void aServerThatIsDemotedAndPromotedAgain(ServerBinary binary) {
    try (RedisServer server = start(binary);
        RedisServer other = start(binary);
        RedisStore reads =
            NearPair.reads(server.uri()).connectTimeout(Duration.ofMinutes(1)).connect();
        NearPair pair = pair(NearWriter.start(server.uri()), reads, ONE_KEY)) {
      pair.awaitNear();

      server.command("REPLICAOF", other.host(), String.valueOf(other.port()));
      NearPair.pass(MAX_STALENESS);
      server.command("REPLICAOF", "NO", "ONE");

      pair.awaitNearAgain();
      pair.assertNearIsFresh(binary + ", demoted and promoted again");
    }
  }

  /** What the old primary confirms and nobody copies would be lost: so copies are awaited. */
  @ParameterizedTest
  @EnumSource(names = {"BUNDLED", "VALKEY_8_1"})
  void anotherPrimaryBehindSentinels(ServerBinary binary) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    try (RedisSentinel sentinel = RedisSentinel.start(binary);
        RedisStore reads = NearPair.reads(sentinel.uri()).connect();
        NearPair pair = pair(NearWriter.startWithCopies(sentinel.uri()), reads, ONE_KEY)) {
      pair.awaitNear();
      RedisServer old = sentinel.master();

      sentinel.failover();
      eventually().until(() -> sentinel.master() != old);

      pair.awaitNearAgain();
      pair.assertNearIsFresh(binary + ", failover by Sentinel");
    }
  }
}
