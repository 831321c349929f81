package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.reason;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisSentinel;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for replicas, behind one primary. */
class RedisReplicationTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final List<String> KEY = List.of("key");

  /** A primary with replicas. */
  private record Replicated(RedisServer primary, List<RedisServer> replicas)
      implements AutoCloseable {
    static Replicated start(ServerBinary binary, int replicas) {
      RedisServer primary = RedisServer.start(binary);
      List<RedisServer> others = new ArrayList<>();
      Replicated servers = new Replicated(primary, others);
      try {
        for (int i = 0; i < replicas; i++) {
          others.add(RedisServer.builder().binary(binary).replicaOf(primary).start());
        }
        return servers;
      } catch (RuntimeException e) {
        servers.close();
        throw e;
      }
    }

    static Replicated start(int replicas) {
      return start(ServerBinary.BUNDLED, replicas);
    }

    RedisStoreBuilder store(int copies, Duration timeout) {
      return RedisStore.builder()
          .uri(primary.uri())
          .commandTimeout(LONG)
          .invalidationCopies(copies)
          .copyTimeout(timeout);
    }

    /** Connects, and counts calls from then on. */
    RedisStore connect(int copies, Duration timeout) {
      RedisStore store = store(copies, timeout).connect();
      primary.command("CONFIG", "RESETSTAT");
      return store;
    }

    /** Waits until a WAIT is under way. */
    void awaitWaiting() {
      eventually().until(() -> primary.info("clients").get("blocked_clients").equals("1"));
    }

    @Override
    public void close() {
      replicas.forEach(RedisServer::close);
      primary.close();
    }
  }

  /** Removes a state and then waits for copies, as an invalidation does. */
  private static CompletionStage<Void> invalidate(RedisStore store) throws Exception {
    await(store.put("key", bytes("state"), TTL));
    assertThat(await(store.remove("key"))).isTrue();
    return store.awaitCopies(KEY);
  }

  private static boolean invalidates(RedisStore store) throws Exception {
    return failure(store.remove("key")) == null && failure(store.awaitCopies(KEY)) == null;
  }

  /** How many connections of stores there are. */
  private static long connections(RedisServer server) {
    return String.valueOf(server.command("CLIENT", "LIST"))
        .lines()
        .filter(line -> line.contains("name=cache-aside"))
        .count();
  }

  private static final String BINARIES = "io.cacheaside.testkit.ServerBinary#available";

  @ParameterizedTest
  @MethodSource(BINARIES)
  @Tag("redis")
  @Tag("full")
  void everyReplicaHasWhatWasAwaited(ServerBinary binary) throws Exception {
    try (Replicated servers = Replicated.start(binary, 2);
        RedisStore store = servers.connect(2, LONG)) {
      for (int i = 0; i < 20; i++) {
        assertThat(failure(invalidate(store))).isNull();

        for (RedisServer replica : servers.replicas()) {
          assertThat(replica.command("EXISTS", "cache:key")).isEqualTo(0L);
        }
      }
      assertThat(servers.primary().command("DBSIZE")).isEqualTo(0L);
    }
  }

  @ParameterizedTest
  @MethodSource(BINARIES)
  @Tag("redis")
  @Tag("full")
  void aFrozenReplicaHasNothing(ServerBinary binary) throws Exception {
    try (Replicated servers = Replicated.start(binary, 2);
        RedisStore both = servers.connect(2, SHORT);
        RedisStore one = servers.connect(1, LONG)) {
      assertThat(failure(invalidate(both))).isNull();
      servers.replicas().get(1).freeze();

      assertThat(storeFailure(invalidate(both))).hasMessage("WAIT: 1 of 2 copies within 200 ms");
      assertThat(reason(invalidate(both))).isEqualTo(Reason.REFUSED);
      assertThat(failure(invalidate(one))).isNull();

      servers.replicas().get(1).thaw();
      eventually().until(() -> invalidates(both));
    }
  }

  @Test
  @Tag("redis")
  void withoutReplicasThereAreNoCopies() throws Exception {
    try (Replicated servers = Replicated.start(0);
        RedisStore store = servers.connect(1, SHORT)) {
      assertThat(storeFailure(invalidate(store))).hasMessageContaining("0 of 1 copies");
      assertThat(reason(store.awaitCopies(List.of()))).isEqualTo(Reason.REFUSED);
    }
  }

  @Test
  @Tag("redis")
  void nothingIsDoneUnlessCopiesAreAskedFor() throws Exception {
    try (Replicated servers = Replicated.start(0);
        RedisStore store = Stages.connect(servers.primary().uri())) {
      await(store.ping());
      servers.primary().command("CONFIG", "RESETSTAT");

      CompletionStage<Void> stage = invalidate(store);

      assertThat(stage.toCompletableFuture()).isCompleted();
      assertThat(connections(servers.primary())).isEqualTo(1);
      assertThat(servers.primary().commandCalls("wait")).isZero();
      assertThat(servers.primary().commandCalls("eval")).isZero();
    }
  }

  @Test
  @Tag("redis")
  void theConnectionIsOpenedWhenItIsNeededAndKept() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      await(store.ping());
      assertThat(connections(servers.primary())).isEqualTo(1);

      for (int i = 0; i < 3; i++) {
        assertThat(failure(invalidate(store))).isNull();
        assertThat(connections(servers.primary())).isEqualTo(2);
      }
    }
  }

  @Test
  @Tag("redis")
  void allKeysAreAwaitedToo() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, Duration.ofSeconds(2))) {
      await(store.put("key", bytes("state"), TTL));
      await(store.removeMatching("", "*"));
      assertThat(failure(store.awaitCopies(List.of()))).isNull();

      servers.replicas().get(0).freeze();

      await(store.removeMatching("", "*"));
      assertThat(reason(store.awaitCopies(List.of()))).isEqualTo(Reason.REFUSED);
    }
  }

  /** They may come too late for the one that is under way, so it is not theirs. */
  @Test
  @Tag("redis")
  void thoseWhoComeDuringAWaitShareTheNext() throws Exception {
    int others = 50;
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      servers.replicas().get(0).freeze();
      List<CompletionStage<?>> stages = new ArrayList<>(List.of(invalidate(store)));
      servers.awaitWaiting();

      for (int i = 0; i < others; i++) {
        stages.add(store.awaitCopies(List.of("key-" + i)));
      }
      eventually().until(() -> servers.primary().commandCalls("eval") == 1 + others);
      assertThat(servers.primary().commandCalls("wait")).isEqualTo(1);
      await(store.read("other")); // answered after all of those, which wait here by now
      servers.replicas().get(0).thaw();

      for (CompletionStage<?> stage : stages) {
        assertThat(failure(stage)).isNull();
      }
      assertThat(servers.primary().commandCalls("wait")).isEqualTo(2);
      assertThat(servers.primary().command("DBSIZE")).isEqualTo(0L);
    }
  }

  @Test
  @Tag("redis")
  void otherOperationsDoNotWait() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      servers.replicas().get(0).freeze();
      CompletionStage<Void> waiting = invalidate(store);
      servers.awaitWaiting();

      await(store.put("other", bytes("state"), TTL));

      assertThat(waiting.toCompletableFuture()).isNotDone();
      servers.replicas().get(0).thaw();
      assertThat(failure(waiting)).isNull();
    }
  }

  @Test
  @Tag("redis")
  void aFullServerCanStillCopy() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      await(store.put("key", bytes("state"), TTL));
      servers.primary().command("CONFIG", "SET", "maxmemory", "1");
      assertThat(storeFailure(store.put("new", bytes("state"), TTL))).hasMessageContaining("OOM");

      assertThat(await(store.remove("key"))).isTrue();
      assertThat(failure(store.awaitCopies(KEY))).isNull();
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aKilledConnectionIsReplaced() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      assertThat(failure(invalidate(store))).isNull();
      String first = waitingConnection(servers.primary());

      servers.primary().command("CLIENT", "KILL", "ID", first);

      eventually().until(() -> invalidates(store));
      assertThat(waitingConnection(servers.primary())).isNotEqualTo(first);
    }
  }

  private static String waitingConnection(RedisServer server) {
    return String.valueOf(server.command("CLIENT", "LIST"))
        .lines()
        .filter(line -> line.contains("cmd=wait"))
        .map(line -> line.replaceFirst("^id=(\\d+) .*", "$1"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aConnectionThatBreaksMeanwhileFailsItsOwnWaitOnly() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store = servers.connect(1, LONG)) {
      servers.replicas().get(0).freeze();
      CompletionStage<Void> broken = invalidate(store);
      servers.awaitWaiting();
      CompletionStage<Void> next = store.awaitCopies(KEY);
      eventually().until(() -> servers.primary().commandCalls("eval") == 2);

      servers.primary().command("CLIENT", "KILL", "ID", waitingConnection(servers.primary()));

      assertThat(reason(broken)).isEqualTo(Reason.INTERRUPTED);
      servers.awaitWaiting();
      servers.replicas().get(0).thaw();
      assertThat(failure(next)).isNull();
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void aPrimaryThatFreezesMeanwhileIsTimedOut() throws Exception {
    try (Replicated servers = Replicated.start(1);
        RedisStore store =
            servers.store(1, Duration.ofSeconds(3)).commandTimeout(SHORT).connect()) {
      servers.replicas().get(0).freeze();
      CompletionStage<Void> underWay = invalidate(store);
      servers.awaitWaiting();

      servers.primary().freeze();

      assertThat(reason(underWay)).isEqualTo(Reason.TIMED_OUT);
      servers.primary().thaw();
      servers.replicas().get(0).thaw();
      eventually().until(() -> invalidates(store));
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void withoutAConnectionItFailsAtOnceAndRecovers() throws Exception {
    try (Replicated servers = Replicated.start(1);
        TcpProxy proxy = TcpProxy.to(servers.primary());
        RedisStore store =
            RedisStore.builder()
                .host(proxy.host())
                .port(proxy.port())
                .invalidationCopies(1)
                .connect()) {
      assertThat(failure(invalidate(store))).isNull();
      proxy.down();

      eventually().until(() -> reason(store.awaitCopies(KEY)) == Reason.DISCONNECTED);

      proxy.up();
      awaitUsable(store, "key");
      eventually().until(() -> invalidates(store));
    }
  }

  @Test
  @Tag("faults")
  @Tag("full")
  void closingEndsAWait() throws Exception {
    try (Replicated servers = Replicated.start(1)) {
      RedisStore store = servers.connect(1, LONG);
      servers.replicas().get(0).freeze();
      CompletionStage<Void> underWay = invalidate(store);
      servers.awaitWaiting();
      CompletionStage<Void> next = store.awaitCopies(KEY);
      eventually().until(() -> servers.primary().commandCalls("eval") == 2);

      store.close();

      assertThat(reason(underWay)).isEqualTo(Reason.INTERRUPTED);
      assertThat(reason(next)).isIn(Reason.INTERRUPTED, Reason.CLOSED);
      assertThat(reason(store.awaitCopies(KEY))).isEqualTo(Reason.CLOSED);
      eventually().until(() -> connections(servers.primary()) == 0);
    }
  }

  /** Its answer to WAIT is about other writes, or none, and would be taken for an assurance. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  @Tag("faults")
  @Tag("full")
  void aServerThatDoesNotHaveWhatWasWrittenIsLeft(int itsReplicas) throws Exception {
    AtomicInteger connections = new AtomicInteger();
    AtomicInteger marks = new AtomicInteger(0);
    AtomicInteger replicas = new AtomicInteger(itsReplicas);
    try (ScriptedServer server =
            new ScriptedServer(
                command ->
                    switch (command.get(0)) {
                      case "HELLO" -> {
                        connections.incrementAndGet();
                        yield ScriptedServer.HELLO;
                      }
                      case "UNLINK" -> ":" + marks.get() + "\r\n";
                      case "WAIT" -> ":" + replicas.get() + "\r\n";
                      default -> "+OK\r\n";
                    });
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .commandTimeout(LONG)
                .invalidationCopies(2)
                .connect()) {
      int before = connections.get();
      assertThat(storeFailure(store.awaitCopies(KEY)))
          .hasMessageContaining(itsReplicas == 0 ? "0 of 2 copies" : "another server was asked");
      assertThat(reason(store.awaitCopies(KEY))).isEqualTo(Reason.REFUSED);
      assertThat(connections.get()).isEqualTo(before + 2);

      marks.set(1);
      replicas.set(2);

      assertThat(failure(store.awaitCopies(KEY))).isNull();
      assertThat(failure(store.awaitCopies(KEY))).isNull();
      assertThat(connections.get()).isEqualTo(before + 3);
    }
  }

  @Test
  @Tag("sentinel")
  @Tag("full")
  void theNewPrimaryIsAskedAfterAPromotion() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED);
        RedisStore store =
            RedisStore.builder().uri(sentinel.uri()).invalidationCopies(1).connect()) {
      eventually().until(() -> invalidates(store));

      sentinel.failover();

      awaitUsable(store, "key");
      eventually().until(() -> invalidates(store));
      assertThat(sentinel.master().commandCalls("wait")).isPositive();
    }
  }

  /** What the new primary has, nobody can tell: the caller has to do it again. */
  @Test
  @Tag("sentinel")
  @Tag("faults")
  @Tag("full")
  void aFailoverMeanwhileIsAFailure() throws Exception {
    try (RedisSentinel sentinel = RedisSentinel.start(ServerBinary.BUNDLED);
        RedisStore store =
            RedisStore.builder()
                .uri(sentinel.uri())
                .invalidationCopies(1)
                .copyTimeout(LONG)
                .connect()) {
      RedisServer primary = sentinel.master();
      RedisServer replica = sentinel.replica();
      replica.freeze();
      CompletionStage<Void> copied = invalidate(store);
      eventually().until(() -> primary.info("clients").get("blocked_clients").equals("1"));

      primary.kill();
      replica.thaw();

      assertThat(reason(copied)).isEqualTo(Reason.INTERRUPTED);
      awaitUsable(store, "key");
      primary.restart();
      sentinel.awaitStable();
      eventually().until(() -> invalidates(store));
      assertThat(sentinel.master()).isSameAs(replica);
    }
  }
}
