package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.awaitUsable;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static io.cacheaside.verification.redis.Stages.eventually;
import static io.cacheaside.verification.redis.Stages.failure;
import static io.cacheaside.verification.redis.Stages.patient;
import static io.cacheaside.verification.redis.Stages.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.NearCache;
import io.cacheaside.codec.Codec;
import io.cacheaside.config.Configuration;
import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.redis.RedisStoreBuilder;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.tracing.TraceContextProvider;
import io.lettuce.core.tracing.TracerProvider;
import io.lettuce.core.tracing.Tracing;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting to one server: options, what is refused at once and what is waited for. */
@Tag("redis")
class RedisConnectTest {
  private static final String PASSWORD = "s3cret-p4ss";

  private final RedisServer shared = SharedServers.redis(ServerBinary.BUNDLED);

  @Test
  void keysCarryThePrefixAndConnectionsTheName() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            patient().uri(server.uri()).prefix("shop*[é]:").clientName("checkout").connect()) {
      await(store.put("42", bytes("state"), TTL));

      assertThat(server.command("GET", "shop*[é]:42")).isEqualTo("state");
      assertThat(String.valueOf(server.command("CLIENT", "LIST"))).contains("name=checkout");
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
    }
  }

  @Test
  void thePrefixIsCacheByDefault() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      await(store.put("42", bytes("state"), TTL));

      assertThat(server.command("GET", "cache:42")).isEqualTo("state");
      assertThat(store)
          .hasToString("RedisStore[redis://127.0.0.1:%d, prefix=cache:]", server.port());
    }
  }

  @Test
  void theDatabaseIsSelected() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri() + "/3");
        RedisStore other = patient().uri(server.uri()).database(4).connect()) {
      await(store.put("a", bytes("three"), TTL));
      await(other.put("a", bytes("four"), TTL));
      await(other.put("b", bytes("four"), TTL));

      assertThat(await(store.read("a"))).isEqualTo(bytes("three"));
      assertThat(await(store.removeMatching("", "*"))).isEqualTo(1);
      assertThat(await(other.read("b"))).isEqualTo(bytes("four"));
    }
  }

  @Test
  void propertiesConfigureAStore() throws Exception {
    try (RedisServer server = RedisServer.builder().user("app", PASSWORD, "~*", "+@all").start();
        RedisStore store =
            RedisStore.builder()
                .configuration(
                    Configuration.of(
                        Map.of(
                            "cache-aside.redis.host", server.host(),
                            "CACHE_ASIDE_REDIS_PORT", Integer.toString(server.port()),
                            "cache-aside.redis.username", "app",
                            "cacheAside.redis.password", PASSWORD,
                            "cache-aside.redis.prefix", "p:",
                            "cache-aside.redis.command-timeout", "10s",
                            "cache-aside.redis.fail-fast", "true",
                            "cache-aside.ttl", "not ours")))
                .connect()) {
      await(store.put("42", bytes("state"), TTL));

      assertThat(server.command("GET", "p:42")).isEqualTo("state");
      assertThat(String.valueOf(server.command("CLIENT", "LIST"))).contains("user=app");
    }
  }

  @Test
  void thePasswordOfTheDefaultUserIsInTheUri() throws Exception {
    try (RedisServer server = RedisServer.builder().password(PASSWORD).start();
        RedisStore store = connect(server.uri())) {
      assertThat(await(store.read("none"))).isNull();
      assertThat(store.toString()).doesNotContain(PASSWORD);
    }
  }

  @Test
  void aPasswordMayBeText() throws Exception {
    try (RedisServer server = RedisServer.builder().password(PASSWORD).start();
        RedisStore store =
            patient().host(server.host()).port(server.port()).password(PASSWORD).connect()) {
      assertThat(await(store.read("none"))).isNull();
      assertThat(store.toString()).doesNotContain(PASSWORD);
    }
  }

  @Test
  void aPasswordSupplierIsAskedForEveryConnection() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (RedisServer server = RedisServer.builder().password(PASSWORD).start();
        RedisStore store =
            patient()
                .host(server.host())
                .port(server.port())
                .password(
                    () -> {
                      assertThat(Thread.currentThread().getName()).doesNotContain("EventLoop");
                      asked.incrementAndGet();
                      return PASSWORD.toCharArray();
                    })
                .connect()) {
      await(store.ping());
      int before = asked.get();

      server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      awaitUsable(store, "key");

      assertThat(asked).hasValueGreaterThan(before);
    }
  }

  @Test
  void aWrongPasswordIsRefusedAtOnce() throws Exception {
    try (RedisServer server = RedisServer.builder().user("app", PASSWORD, "~*", "+@all").start()) {
      RedisStoreBuilder builder =
          RedisStore.builder()
              .host(server.host())
              .port(server.port())
              .username("app")
              .password("wr0ng-p4ss");

      assertRefused(
          builder::connect, Reason.REFUSED, "WRONGPASS", "username = app", "" + server.port());
    }
  }

  @Test
  void aMissingPasswordIsRefusedAtOnce() throws Exception {
    try (RedisServer server = RedisServer.builder().password(PASSWORD).start()) {
      RedisStoreBuilder builder = RedisStore.builder().host(server.host()).port(server.port());

      assertRefused(builder::connect, Reason.REFUSED, "the server requires a password", "NOAUTH");
    }
  }

  @Test
  void aDatabaseThatIsNotThereIsRefusedAtOnce() {
    assertRefused(
        () -> RedisStore.connect(shared.uri() + "/4711"), Reason.REFUSED, "database = 4711");
  }

  @Test
  void aPlainServerIsNoSentinel() {
    assertRefused(
        () -> RedisStore.connect(shared.uri().replace("redis://", "redis-sentinel://") + "#main"),
        Reason.REFUSED,
        "it is no Sentinel: use redis://");
  }

  @Test
  void aPlainServerIsNoCluster() {
    assertRefused(
        () -> RedisStore.connect(shared.uri().replace("redis://", "redis-cluster://")),
        Reason.REFUSED,
        "it is no node of a cluster: use redis://");
  }

  @Test
  void aNodeOfAClusterIsNoPlainServer() {
    try (RedisServer node = RedisServer.builder().clusterEnabled().start()) {
      assertRefused(
          () -> RedisStore.connect(node.uri()),
          Reason.REFUSED,
          "is in cluster mode: use redis-cluster://");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "HTTP/1.1 400 Bad Request\r\n\r\n"})
  void aServerOfAnotherKindIsSaidToBeOne(String answer) throws Exception {
    try (ScriptedServer web = new ScriptedServer(command -> answer)) {
      assertRefused(
          () -> RedisStore.builder().uri(web.uri()).failFast().connect(),
          Reason.DISCONNECTED,
          "it does not speak the protocol of Redis: check host and port");
    }
  }

  @Test
  void anUnknownHostIsTriedAgainLikeOneThatIsDown() throws Exception {
    try (RedisStore store = RedisStore.connect("redis://no-such-host.invalid:6379")) {
      assertThat(Stages.reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);
    }
  }

  @Test
  void anUnknownHostFailsFast() {
    assertRefused(
        () -> RedisStore.builder().uri("redis://no-such-host.invalid:6379").failFast().connect(),
        Reason.DISCONNECTED,
        "unknown host",
        "no-such-host.invalid");
  }

  @ParameterizedTest
  @CsvSource({
    "redis, 6.2.14, standalone, too old",
    "valkey, 7.1.0, standalone, too old",
    "redis, strange, standalone, too old",
    "redis, 7.0.15, cluster, redis-cluster://",
    "redis, 7.0.15, sentinel, redis-sentinel://"
  })
  void aServerThatDoesNotFitIsRefusedAtOnce(
      String server, String version, String mode, String message) throws Exception {
    String hello = ScriptedServer.hello(server, version, mode, "master");
    try (ScriptedServer old = new ScriptedServer(command -> hello)) {
      assertRefused(() -> RedisStore.connect(old.uri()), Reason.REFUSED, old.uri(), message);
    }
  }

  @Test
  void aServerThatDoesNotKnowHelloIsRefusedAtOnce() throws Exception {
    try (ScriptedServer old = new ScriptedServer(command -> "-ERR unknown command `HELLO`\r\n")) {
      assertRefused(() -> RedisStore.connect(old.uri()), Reason.REFUSED, "Redis 7.0");
    }
  }

  @Test
  void whereNobodyListensTheStoreStartsWithoutAndConnectsLater() throws Exception {
    RedisServer server = RedisServer.start();
    server.stop();
    try (server;
        RedisStore store = connect(server.uri())) {
      assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);
      assertThat(reason(store.ping())).isEqualTo(Reason.DISCONNECTED);
      assertThat(reason(store.removeMatching("", "*"))).isEqualTo(Reason.DISCONNECTED);

      server.restart();

      awaitUsable(store, "key");
      assertThat(failure(store.ping())).isNull();
    }
  }

  @Test
  void withFailFastItIsAnErrorThatNobodyListens() throws Exception {
    int port = unusedPort();
    RedisStoreBuilder builder = RedisStore.builder().host("localhost").port(port).failFast();

    assertRefused(builder::connect, Reason.DISCONNECTED, "redis://localhost:" + port);
  }

  @Test
  void aServerThatDoesNotAnswerDoesNotHoldUpTheStart() throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> null);
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .connectTimeout(Duration.ofMillis(200))
                .connect()) {
      assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);

      server.answer(command -> command.get(0).equals("HELLO") ? ScriptedServer.HELLO : "$-1\r\n");

      eventually().until(() -> failure(store.read("key")) == null);
    }
  }

  @Test
  void withFailFastItIsAnErrorThatAServerDoesNotAnswer() throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> null)) {
      RedisStoreBuilder builder =
          RedisStore.builder().uri(server.uri()).connectTimeout(Duration.ofMillis(200)).failFast();

      assertRefused(builder::connect, Reason.DISCONNECTED, server.uri());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-MASTERDOWN Link with MASTER is down\r\n",
        "-ERR max number of clients reached\r\n"
      })
  void aServerThatIsNotReadyYetIsWaitedFor(String answer) throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> answer);
        RedisStore store = connect(server.uri())) {
      assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);

      server.answer(command -> command.get(0).equals("HELLO") ? ScriptedServer.HELLO : "$-1\r\n");

      eventually().until(() -> failure(store.read("key")) == null);
    }
  }

  @Test
  void credentialsThatBecomeValidLaterAreUsed() throws Exception {
    RedisServer server = RedisServer.start();
    server.stop();
    try (server;
        RedisStore store =
            RedisStore.builder()
                .host(server.host())
                .port(server.port())
                .username("late")
                .password(PASSWORD.toCharArray())
                .connect()) {
      server.restart();
      eventually().until(() -> refusedLogins(server) > 0);
      assertThat(reason(store.read("key"))).isEqualTo(Reason.DISCONNECTED);

      server.command("ACL", "SETUSER", "late", "on", ">" + PASSWORD, "~*", "+@all");

      awaitUsable(store, "key");
    }
  }

  private static long refusedLogins(RedisServer server) {
    return ((List<?>) server.command("ACL", "LOG")).size();
  }

  @Test
  void anInterruptedThreadStopsConnecting() throws Exception {
    try (ScriptedServer server = new ScriptedServer(command -> null)) {
      Thread.currentThread().interrupt();

      assertRefused(() -> RedisStore.connect(server.uri()), Reason.DISCONNECTED, server.uri());

      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void resourcesOfTheApplicationAreSharedAndLeftAlone() throws Exception {
    ClientResources resources = DefaultClientResources.builder().ioThreadPoolSize(2).build();
    try {
      RedisStoreBuilder builder = patient().uri(shared.uri()).clientResources(resources);
      try (RedisStore store = builder.connect();
          RedisStore other = builder.connect()) {
        await(store.put("shared-resources", bytes("state"), TTL));
        assertThat(await(other.read("shared-resources"))).isEqualTo(bytes("state"));
        RedisStore closed = builder.connect();
        closed.close();
        assertThat(reason(closed.removeMatching("shared-", "*"))).isEqualTo(Reason.CLOSED);
        assertThat(await(other.read("shared-resources"))).isEqualTo(bytes("state"));
      }

      assertThat(resources.eventExecutorGroup().isShuttingDown()).isFalse();
      try (RedisStore again = builder.connect()) {
        assertThat(await(again.read("shared-resources"))).isEqualTo(bytes("state"));
      }
    } finally {
      resources.shutdown(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void valuesAreKeptNearWhereAnApplicationTracesItsCommands() throws Exception {
    ClientResources resources = DefaultClientResources.builder().tracing(new NoSpans()).build();
    try (RedisStore store = patient().uri(shared.uri()).clientResources(resources).connect();
        CacheAside<String, String> cache =
            CacheAside.builder("traced", Codec.string())
                .store(store)
                .nearCache(NearCache.ofEntries(10))
                .build()) {
      cache.put("k", "v");

      eventually()
          .until(() -> cache.get("k", key -> "loaded") != null && cache.stats().nearHits() > 0);
    } finally {
      resources.shutdown(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }
  }

  /** Tracing that is on, so that commands are wrapped, and records nothing. */
  private static final class NoSpans implements Tracing {
    private final Tracing off = Tracing.disabled();

    @Override
    public TracerProvider getTracerProvider() {
      return off.getTracerProvider();
    }

    @Override
    public TraceContextProvider initialTraceContextProvider() {
      return off.initialTraceContextProvider();
    }

    @Override
    public boolean isEnabled() {
      return true;
    }

    @Override
    public boolean includeCommandArgsInSpanTags() {
      return false;
    }

    @Override
    public Endpoint createEndpoint(SocketAddress address) {
      return off.createEndpoint(address);
    }
  }

  @Test
  void closingLeavesNoConnectionAndNoThread() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      long before = threadsOfLettuce();
      for (int i = 0; i < 3; i++) {
        RedisStore store = connect(server.uri());
        await(store.removeMatching("", "*"));
        store.close();
        store.close();
        assertThat(reason(store.read("key"))).isEqualTo(Reason.CLOSED);
      }

      eventually().until(() -> threadsOfLettuce() <= before);
      eventually()
          .until(() -> !String.valueOf(server.command("CLIENT", "LIST")).contains("cache-aside"));
    }
  }

  @Test
  void aStoreThatCouldNotBeConnectedLeavesNoThread() {
    long before = threadsOfLettuce();

    assertRefused(() -> RedisStore.connect(shared.uri() + "/4711"), Reason.REFUSED, "4711");

    eventually().until(() -> threadsOfLettuce() <= before);
  }

  private static long threadsOfLettuce() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().matches("(lettuce|cache-aside).*"))
        .count();
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void assertRefused(ThrowingCallable connect, Reason reason, String... messages) {
    assertThatExceptionOfType(RedisConnectException.class)
        .isThrownBy(connect)
        .satisfies(
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e).hasMessageContainingAll(messages);
              assertThat(stackTrace(e)).doesNotContain(PASSWORD, "wr0ng-p4ss");
            });
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
