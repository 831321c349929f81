package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

@Tag("servers")
class WithRedisTest {
  private static final List<RedisServer> SEEN = new ArrayList<>();

  @WithRedis
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static class OneServer {
    @Test
    @Order(1)
    void leavesAKey(RedisServer server) {
      SEEN.add(server);
      server.command("SET", "k", "v", "PX", "60000");
    }

    @Test
    @Order(2)
    void findsNoKeyAndKillsTheServer(RedisServer server) {
      SEEN.add(server);
      assertThat(server.command("DBSIZE")).isEqualTo(0L);
      server.kill();
    }

    @Test
    @Order(3)
    void findsARunningServerAndFreezesIt(RedisServer server) {
      SEEN.add(server);
      assertThat(server.command("PING")).isEqualTo("PONG");
      server.freeze();
    }

    @Nested
    class Inner {
      @Test
      void findsTheSameServerThawed(RedisServer server) {
        SEEN.add(server);
        assertThat(server.command("PING")).isEqualTo("PONG");
      }
    }
  }

  /** Inherits the annotation, and has a server of its own. */
  static class Subclass extends OneServer {}

  @WithRedis(ServerBinary.VALKEY_8_1)
  static class Valkey {
    @Test
    void isGivenWhatItAsksFor(RedisServer server) {
      assertThat(server.binary()).isEqualTo(ServerBinary.VALKEY_8_1);
    }
  }

  @Test
  void theTestsOfAClassShareOneServerThatEndsWithIt() {
    SEEN.clear();

    TestExecutionSummary summary = run(OneServer.class);

    assertThat(summary.getFailures()).isEmpty();
    assertThat(summary.getTestsSucceededCount()).isEqualTo(4);
    assertThat(SEEN.stream().distinct()).hasSize(1);
    assertThat(SEEN.get(0).isRunning()).isFalse();
  }

  @Test
  void eachClassHasAServerOfItsOwn() {
    SEEN.clear();

    assertThat(run(OneServer.class, Subclass.class).getFailures()).isEmpty();

    assertThat(SEEN.stream().distinct()).hasSize(2);
  }

  @Test
  void aProgramThatIsNotThereIsSkipped() {
    TestExecutionSummary summary = run(Valkey.class);

    assertThat(summary.getFailures()).isEmpty();
    assertThat(summary.getTestsSucceededCount())
        .isEqualTo(ServerBinary.VALKEY_8_1.isAvailable() ? 1 : 0);
  }

  private static TestExecutionSummary run(Class<?>... tests) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
    for (Class<?> test : tests) {
      request.selectors(selectClass(test));
    }
    LauncherFactory.create().execute(request.build(), listener);
    return listener.getSummary();
  }
}
