package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.cacheaside.Environment;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs bad tests, each of which must fail, and good ones, which must not. */
@Tag("servers")
@Tag("full")
class NothingLeftBehindTest {
  private static final List<AutoCloseable> LEFT = new ArrayList<>();

  @ExtendWith(NothingLeftBehind.class)
  @WithRedis
  static class Fixture {
    private final RedisServer server;

    Fixture(RedisServer server) {
      this.server = server;
    }

    @Test
    void thread() {
      startThread("left-thread");
    }

    @Test
    void process() throws IOException {
      Process process = new ProcessBuilder("sleep", "600").start();
      LEFT.add(() -> process.destroyForcibly().waitFor());
    }

    @Test
    void server() {
      LEFT.add(RedisServer.start());
    }

    @Test
    void connection() throws IOException {
      Socket socket = new Socket(server.host(), server.port());
      LEFT.add(socket);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('+');
    }

    @Test
    void key() {
      server.command("SET", "left-key", "v");
    }

    @Test
    void nothing() throws Exception {
      server.command("SET", "k", "v", "PX", "60000");
      try (Socket socket = new Socket(server.host(), server.port())) {
        assertThat(socket.isConnected()).isTrue();
      }
      Thread thread = new Thread(() -> {}, "ended");
      thread.start();
      thread.join();
    }

    /** Virtual threads where there are any; the runtime starts one that wakes them. */
    @Test
    void sleepOfAThreadInTheBackground() throws Exception {
      ExecutorService threads = Environment.system().newBackgroundThreads("c");
      threads.submit(() -> LockSupport.parkNanos(1_000_000)).get(10, TimeUnit.SECONDS);
      threads.shutdown();
    }

    @Test
    void allowed() {
      startThread("pool-of-all-7");
    }

    private static void startThread(String name) {
      CountDownLatch end = new CountDownLatch(1);
      Thread thread = new Thread(() -> awaitUninterruptibly(end), name);
      thread.start();
      LEFT.add(
          () -> {
            end.countDown();
            thread.join();
          });
    }

    private static void awaitUninterruptibly(CountDownLatch end) {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @AfterEach
  void tidyUp() throws Exception {
    for (AutoCloseable left : LEFT) {
      left.close();
    }
    LEFT.clear();
  }

  @ParameterizedTest
  @CsvSource({
    "thread, left behind: thread left-thread",
    "process, left behind: process ",
    "server, folder ",
    "connection, left behind: connection ",
    "key, left behind: key left-key without a TTL at redis-7.0",
  })
  void aTestThatLeavesSomethingFails(String test, String message) {
    TestExecutionResult result = run(test);

    assertThat(result.getStatus()).isEqualTo(Status.FAILED);
    assertThat(result.getThrowable().orElseThrow()).hasMessageContaining(message);
  }

  @Test
  void aTestThatTidiesUpPasses() {
    assertThat(run("nothing").getStatus()).isEqualTo(Status.SUCCESSFUL);
  }

  @Test
  void threadsThatWakeVirtualOnesAreLeftAlone() {
    assertThat(run("sleepOfAThreadInTheBackground").getStatus()).isEqualTo(Status.SUCCESSFUL);
  }

  @Test
  void threadsThatMayStayAreLeftAlone() {
    assertThat(run("allowed").getStatus()).isEqualTo(Status.SUCCESSFUL);
  }

  private static TestExecutionResult run(String test) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(Fixture.class, test))
            .configurationParameters(
                Map.of(NothingLeftBehind.THREADS_PARAMETER, "pool-of-all-\\d+"))
            .build();
    List<TestExecutionResult> results = new ArrayList<>();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier finished, TestExecutionResult result) {
                if (finished.isTest()) {
                  results.add(result);
                }
              }
            });
    assertThat(results).hasSize(1);
    return results.get(0);
  }
}
