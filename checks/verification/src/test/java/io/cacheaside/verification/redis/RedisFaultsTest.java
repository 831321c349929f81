package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.reason;
import static io.cacheaside.verification.redis.Stages.storeFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.ChangeListener;
import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.TcpProxy;
import io.cacheaside.testkit.TcpProxy.Direction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers and links that break while a store is in use. */
@Tag("faults")
@Tag("full")
class RedisFaultsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** How many scripts a store tries after one reconnect. */
  private static final int PROBES = 1;

  private static RedisStoreBuilder through(TcpProxy proxy) {
    return RedisStore.builder().host(proxy.host()).port(proxy.port());
  }

  @Test
  void aKilledServerIsMissedAtOnceAndFoundAgain() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      await(store.put("key", bytes("state"), TTL));

      server.kill();

      eventually().until(() -> reason(store.read("key")) == Reason.DISCONNECTED);
      assertThat(storeFailure(store.put("key", bytes("state"), TTL)).isOutcomeUnknown()).isFalse();
      assertThat(reason(store.ping())).isEqualTo(Reason.DISCONNECTED);

      server.restart();

      awaitUsable(store, "key");
    }
  }

  @Test
  void whatIsUnderWayWhenTheServerIsKilledIsInterrupted() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = RedisStore.builder().uri(server.uri()).commandTimeout(LONG).connect()) {
      server.freeze();
      List<CompletionStage<?>> underWay = oneOfEach(store);

      server.kill();

      for (CompletionStage<?> stage : underWay) {
        assertThat(storeFailure(stage).isOutcomeUnknown()).isTrue();
        assertThat(reason(stage)).isEqualTo(Reason.INTERRUPTED);
      }
    }
  }

  private static List<CompletionStage<?>> oneOfEach(RedisStore store) {
    byte[] state = bytes("state");
    return List.of(
        store.read("key"),
        store.readTimed("key", 16),
        store.putIfAbsent("key", state, TTL),
        store.put("key", state, TTL),
        store.swap("key", state, state, null),
        store.swapHead("key", state, state, TTL),
        store.remove("key", state),
        store.remove("key"),
        store.ping());
  }

  @Test
  void aFrozenServerIsTimedOut() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = RedisStore.connect(server.uri())) {
      server.freeze();

      for (CompletionStage<?> stage : oneOfEach(store)) {
        assertThat(reason(stage)).isEqualTo(Reason.TIMED_OUT);
      }

      server.thaw();
      awaitUsable(store, "key");
    }
  }

  @Test
  void aLinkToAServerThatStaysFrozenIsGivenUp() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .commandTimeout(Duration.ofMillis(50))
                .connectTimeout(Duration.ofMillis(300))
                .connect()) {
      server.freeze();

      eventually().until(() -> reason(store.read("key")) == Reason.DISCONNECTED);

      server.thaw();
      awaitUsable(store, "key");
    }
  }

  @Test
  void aSlowLinkIsTimedOutAndRecovers() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).commandTimeout(Duration.ofMillis(100)).connect()) {
      proxy.delay(Duration.ofMillis(200));

      assertThat(reason(store.read("key"))).isEqualTo(Reason.TIMED_OUT);

      proxy.pass();
      awaitUsable(store, "key");
    }
  }

  @Test
  void anAnswerThatComesTooLateIsNotTakenForAnother() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).commandTimeout(Duration.ofMillis(100)).connect()) {
      await(store.put("a", bytes("state of a"), TTL));
      await(store.put("b", bytes("state of b"), TTL));
      proxy.hold(Direction.TO_CLIENT);
      assertThat(reason(store.read("a"))).isEqualTo(Reason.TIMED_OUT);

      proxy.pass();

      eventually().until(() -> failure(store.ping()) == null);
      assertThat(await(store.read("b"))).isEqualTo(bytes("state of b"));
    }
  }

  @Test
  void aCutLinkIsMissedAtOnceAndFoundAgain() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).connect()) {
      for (int i = 0; i < 3; i++) {
        proxy.down();
        eventually().until(() -> reason(store.read("key")) == Reason.DISCONNECTED);
        proxy.up();
        awaitUsable(store, "key");
      }
    }
  }

  @Test
  void aLinkThatLosesEverythingSilentlyIsReplaced() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store =
            through(proxy)
                .commandTimeout(Duration.ofMillis(50))
                .connectTimeout(Duration.ofMillis(300))
                .connect()) {
      proxy.blackHole();
      assertThat(reason(store.read("key"))).isEqualTo(Reason.TIMED_OUT);
      proxy.pass();

      awaitUsable(store, "key");

      assertThat(proxy.acceptedConnections()).isGreaterThan(1);
    }
  }

  @Test
  void anIdleLinkIsNotGivenUp() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).connectTimeout(Duration.ofMillis(200)).connect()) {
      await(store.ping());
      await(new CompletableFuture<>().completeOnTimeout(null, 400, TimeUnit.MILLISECONDS));

      assertThat(failure(store.ping())).isNull();
      assertThat(proxy.acceptedConnections()).isEqualTo(1);
    }
  }

  /** The server has done it; the answer is lost; the link breaks: done again it would be twice. */
  @Test
  void whatTheServerHasDoneIsNotSentAgain() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).commandTimeout(LONG).connect()) {
      await(store.put("key", bytes("0:payload"), TTL));
      server.command("CONFIG", "RESETSTAT");
      proxy.blackHole(Direction.TO_CLIENT);
      List<CompletionStage<Boolean>> swaps = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        swaps.add(store.swap("key", bytes(i + ":"), bytes(i + 1 + ":payload"), null));
      }
      eventually().until(() -> server.commandCalls("eval") == 5);

      proxy.resetAll();
      proxy.pass();

      for (CompletionStage<Boolean> swap : swaps) {
        assertThat(reason(swap)).isEqualTo(Reason.INTERRUPTED);
      }
      awaitUsable(store, "other");
      assertThat(server.commandCalls("eval")).isEqualTo(5 + PROBES);
      assertThat(await(store.read("key"))).isEqualTo(bytes("5:payload"));
    }
  }

  /** What never arrived is not sent again either: nobody waits for it any more. */
  @Test
  void whatNeverArrivedIsNotSentAgain() throws Exception {
    try (RedisServer server = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(server);
        RedisStore store = through(proxy).commandTimeout(LONG).connect()) {
      await(store.put("key", bytes("old:payload"), TTL));
      server.command("CONFIG", "RESETSTAT");
      proxy.hold(Direction.TO_SERVER);
      List<CompletionStage<Boolean>> swaps = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        swaps.add(store.swap("key", bytes("old:"), bytes("new:payload"), null));
      }

      proxy.resetAll();
      proxy.pass();

      for (CompletionStage<Boolean> swap : swaps) {
        assertThat(reason(swap)).isIn(Reason.INTERRUPTED, Reason.DISCONNECTED);
      }
      awaitUsable(store, "other");
      assertThat(server.commandCalls("eval")).isEqualTo(PROBES);
      assertThat(await(store.read("key"))).isEqualTo(bytes("old:payload"));
    }
  }

  @Test
  void whatWaitsForAnAnswerIsBounded() throws Exception {
    int limit = 1_000;
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .requestQueueSize(limit)
                .commandTimeout(Duration.ofMillis(500))
                .connect()) {
      await(store.ping());
      server.freeze();

      List<Reason> first = reasons(store, 2 * limit);
      List<Reason> second = reasons(store, limit);

      assertThat(first).containsOnly(Reason.TIMED_OUT, Reason.OVERLOADED);
      assertThat(first.stream().filter(reason -> reason == Reason.TIMED_OUT).count())
          .as("up to 256 more may be on their way to the connection")
          .isBetween((long) limit, limit + 256L);
      assertThat(second).containsOnly(Reason.OVERLOADED);
      server.thaw();
      awaitUsable(store, "key");
    }
  }

  /** Another command goes before it, for which there must be a place, too. */
  @ParameterizedTest
  @ValueSource(ints = {997, 998, 999})
  void aWatchedReadThatFindsNoPlaceSaysSo(int waiting) throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .requestQueueSize(1_000)
                .commandTimeout(LONG)
                .connect()) {
      store.watch(new Unheard(), Duration.ofHours(1));
      await(store.put("key", bytes("state"), TTL));
      eventually().until(() -> await(store.readWatched("key")).feed() != null);
      server.freeze();
      List<CompletionStage<?>> reads = new ArrayList<>();
      for (int i = 0; i < waiting; i++) {
        reads.add(store.read("key"));
      }
      eventually()
          .until(
              () -> {
                reads.add(store.readWatched("key"));
                return reads.stream()
                    .anyMatch(read -> read.toCompletableFuture().isCompletedExceptionally());
              });

      server.thaw();

      for (CompletionStage<?> read : reads) {
        if (failure(read) != null) {
          assertThat(reason(read)).isEqualTo(Reason.OVERLOADED);
        }
      }
    }
  }

  private static final class Unheard implements ChangeListener {
    @Override
    public void changed(String key) {}

    @Override
    public void allChanged(Cause cause) {}
  }

  private static List<Reason> reasons(RedisStore store, int reads) throws Exception {
    List<CompletionStage<?>> stages = new ArrayList<>();
    for (int i = 0; i < reads; i++) {
      stages.add(store.read("key"));
    }
    List<Reason> reasons = new ArrayList<>();
    for (CompletionStage<?> stage : stages) {
      reasons.add(reason(stage));
    }
    return reasons;
  }

  @Test
  void whatIsUnderWayWhenTheStoreIsClosedMayHaveHappened() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisStore store = RedisStore.builder().uri(server.uri()).commandTimeout(LONG).connect();
      server.freeze();
      List<CompletionStage<?>> underWay = new ArrayList<>(oneOfEach(store));
      CompletionStage<Long> notBegun = store.removeMatching("", "*");

      store.close();

      for (CompletionStage<?> stage : underWay) {
        assertThat(reason(stage)).isEqualTo(Reason.INTERRUPTED);
      }
      assertThat(reason(notBegun)).isEqualTo(Reason.CLOSED);
    }
  }

  @Test
  void aServerWithoutMemoryRefusesToStoreAndCanStillRemove() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      await(store.put("a", bytes("old:payload"), TTL));
      await(store.put("b", bytes("old:payload"), TTL));
      await(store.put("c", bytes("old:payload"), TTL));
      server.command("CONFIG", "SET", "maxmemory", "1");

      byte[] state = bytes("new:payload");
      for (CompletionStage<?> stage :
          List.of(
              store.put("new", state, TTL),
              store.putIfAbsent("new", state, TTL),
              store.swap("a", bytes("old:"), state, null),
              store.swapHead("a", bytes("old:"), bytes("new:"), null))) {
        assertThat(storeFailure(stage)).hasMessageContaining("OOM");
        assertThat(reason(stage)).isEqualTo(Reason.REFUSED);
      }
      assertThat(await(store.read("a"))).isEqualTo(bytes("old:payload"));
      assertThat(await(store.remove("a"))).isTrue();
      assertThat(await(store.remove("b", bytes("old:")))).isTrue();
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
    }
  }

  @Test
  void aReplicaAnswersReadsAndRefusesToStore() throws Exception {
    try (RedisServer primary = RedisServer.start();
        RedisServer replica = RedisServer.builder().replicaOf(primary).start();
        RedisStore store = connect(replica.uri())) {
      primary.command("SET", "cache:key", "state");
      primary.awaitReplicationTo(replica);

      assertThat(await(store.read("key"))).isEqualTo(bytes("state"));
      byte[] state = bytes("state");
      for (CompletionStage<?> stage :
          List.of(
              store.put("key", state, TTL),
              store.putIfAbsent("other", state, TTL),
              store.swap("key", state, state, TTL),
              store.remove("key", state),
              store.remove("key"))) {
        assertThat(storeFailure(stage)).hasMessageContaining("READONLY");
        assertThat(reason(stage)).isEqualTo(Reason.REFUSED);
      }
    }
  }

  /** The demotion itself breaks no connection, and a replica answers reads, with what it has. */
  @Test
  void aDemotedServerIsLeft() throws Exception {
    try (RedisServer old = RedisServer.start();
        RedisServer promoted = RedisServer.start();
        TcpProxy proxy = TcpProxy.to(old);
        RedisStore store = through(proxy).connectTimeout(Duration.ofMillis(300)).connect()) {
      awaitUsable(store, "key");

      old.command("REPLICAOF", promoted.host(), String.valueOf(promoted.port()));

      eventually()
          .until(
              () ->
                  failure(store.put("key", bytes("state"), TTL)) != null
                      && proxy.acceptedConnections() > 1);
      old.command("REPLICAOF", "NO", "ONE");
      awaitUsable(store, "key");
    }
  }

  @Test
  void aServerThatLoadsItsDataRefusesUntilItHas() throws Exception {
    try (RedisServer server =
            RedisServer.builder()
                .config("loading-process-events-interval-bytes 1024", "key-load-delay 0")
                .start();
        RedisStore store = RedisStore.connect(server.uri())) {
      server.command("DEBUG", "POPULATE", "2000", "filler", "100");
      server.command("CONFIG", "SET", "key-load-delay", "1000");
      CompletableFuture<?> loading =
          CompletableFuture.runAsync(() -> server.command("DEBUG", "RELOAD"));

      eventually()
          .until(
              () ->
                  failure(store.read("key")) instanceof StoreException known
                      && known.reason() == Reason.REFUSED
                      && known.getMessage().contains("LOADING"));

      await(loading);
      awaitUsable(store, "key");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script",
        "MISCONF Redis is configured to save RDB snapshots",
        "NOPERM User app has no permissions",
        "CLUSTERDOWN The cluster is down",
        "MASTERDOWN Link with MASTER is down",
        "NOREPLICAS Not enough good replicas to write.",
        "ERR something unheard of"
      })
  void anErrorAnswerIsARefusal(String error) throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> answer(command, "+OK"));
        RedisStore store = connect(server.uri())) {
      server.answer(command -> answer(command, "-" + error));

      assertThat(storeFailure(store.read("key"))).hasMessage("GETRANGE: " + error);
      assertThat(reason(store.put("key", bytes("state"), TTL))).isEqualTo(Reason.REFUSED);
    }
  }

  @Test
  void aRefusalDoesNotRepeatKeyOrValue() throws Exception {
    String error = "-ERR unknown command 'EVAL', with args beginning with: 'hidden' 'hidden' ";
    try (ScriptedServer server = new ScriptedServer(command -> answer(command, error));
        RedisStore store = connect(server.uri())) {
      assertThat(storeFailure(store.remove("key", bytes("stamp"))))
          .hasMessage("EVAL: ERR unknown command 'EVAL'");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no protocol at all", ":5", "*1\r\n*1\r\n:5", "$3\r\nabcdefgh", "+"})
  void anAnswerThatMakesNoSenseIsNoState(String answer) throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> answer(command, answer));
        RedisStore store = RedisStore.connect(server.uri())) {
      Throwable failure = failure(store.read("key"));
      if (failure != null) {
        assertThat(reason(store.read("key"))).isIn(Reason.INTERRUPTED, Reason.DISCONNECTED);
      }

      server.answer(command -> answer(command, "$5\r\nstate"));

      eventually().until(() -> failure(store.read("key")) == null);
      assertThat(await(store.read("key"))).isEqualTo(bytes("state"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"$-1", "_", "*0", "*-1", "+OK", "$3\r\nabc", ":-3", "#t"})
  void everyStageEndsWhateverTheAnswerIs(String answer) throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> answer(command, answer));
        RedisStore store = RedisStore.connect(server.uri())) {
      for (CompletionStage<?> stage : oneOfEach(store)) {
        assertThat(failure(stage))
            .satisfiesAnyOf(
                failure -> assertThat(failure).isNull(),
                failure -> assertThat(failure).isExactlyInstanceOf(StoreException.class));
      }
    }
  }

  @Test
  void anEmptyAnswerIsNeitherYesNorNo() throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> answer(command, "*0"));
        RedisStore store = RedisStore.connect(server.uri())) {
      assertThat(reason(store.remove("key"))).isEqualTo(Reason.INTERRUPTED);
    }
  }

  private static String answer(List<String> command, String answer) {
    return command.get(0).equals("HELLO") ? ScriptedServer.HELLO : answer + "\r\n";
  }

  @Test
  void scriptsAreNotMissed() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      await(store.put("key", bytes("1:payload"), TTL));
      assertThat(await(store.swap("key", bytes("1:"), bytes("2:payload"), null))).isTrue();

      server.command("SCRIPT", "FLUSH");

      List<CompletionStage<Boolean>> inOrder =
          List.of(
              store.swap("key", bytes("2:"), bytes("3:payload"), null),
              store.swapHead("key", bytes("3:"), bytes("4:"), null),
              store.remove("key"));
      for (CompletionStage<Boolean> stage : inOrder) {
        assertThat(await(stage)).isTrue();
      }
    }
  }
}
