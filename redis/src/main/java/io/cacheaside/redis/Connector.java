package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects a link to its servers.
 *
 * <p>Lettuce keeps up a connection that was there once, but does not retry the first one. So the
 * connector does until it succeeds; from then on it leaves that to Lettuce.
 */
final class Connector {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  /** How often it is tried again at once to learn why a connection could not be made. */
  private static final int MORE_ATTEMPTS = 3;

  private final RedisSettings settings;
  private final Deployment deployment;
  private final LettuceThreads threads;
  private final Link link;
  private volatile String lastProblem = "";

  Connector(RedisSettings settings, Deployment deployment, LettuceThreads threads, Link link) {
    this.settings = settings;
    this.deployment = deployment;
    this.threads = threads;
    this.link = link;
  }

  /**
   * Connects, or starts to do so in the background. Blocks up to the connect timeout.
   *
   * @throws RedisConnectException if waiting would not help, or nobody wants to wait
   */
  void connect() {
    CompletionStage<List<Finding>> first = attempt();
    try {
      check(
          first
              .toCompletableFuture()
              .get(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      Throwable failure = Stages.unwrapped(e);
      if (settings.failFast() || !ConnectFailures.isTransient(failure)) {
        throw ConnectFailures.of(settings, failure);
      }
    } catch (TimeoutException e) {
      if (settings.failFast()) {
        throw ConnectFailures.of(settings, e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ConnectFailures.of(settings, e);
    }
    keepTrying(first, 1);
  }

  /** Refuses nodes that lack permissions, and with fail-fast those that cannot store anything. */
  private void check(List<Finding> findings) {
    findings.stream()
        .filter(it -> it.isPermanent() || (settings.failFast() && !it.isNothing()))
        .findFirst()
        .ifPresent(
            it -> {
              throw new RedisConnectException(Reason.REFUSED, it.message(settings), null);
            });
  }

  private void keepTrying(CompletionStage<List<Finding>> attempt, int number) {
    attempt.whenComplete(
        (findings, failure) -> {
          if (failure == null) {
            link.logged(findings);
          } else if (!link.isClosed()) {
            retry(number, Stages.unwrapped(failure));
          }
        });
  }

  private void retry(int number, Throwable failure) {
    String problem = String.valueOf(ConnectFailures.of(settings, failure).getMessage());
    if (!problem.equals(lastProblem)) {
      lastProblem = problem;
      LOG.warn("{}; trying again in the background", problem);
    }
    threads.schedule(
        () -> keepTrying(attempt(), number + 1),
        LettuceThreads.RECONNECT_DELAY.createDelay(number));
  }

  private CompletionStage<List<Finding>> attempt() {
    return attempt(MORE_ATTEMPTS);
  }

  private CompletionStage<List<Finding>> attempt(int moreAttempts) {
    return attemptOnce()
        .exceptionallyCompose(
            failure ->
                moreAttempts > 0 && ConnectFailures.isUnexplained(failure)
                    ? attemptSoon(moreAttempts - 1)
                    : CompletableFuture.failedStage(failure));
  }

  /** Connects on none of the I/O threads, which a failure comes from. */
  private CompletionStage<List<Finding>> attemptSoon(int moreAttempts) {
    return CompletableFuture.supplyAsync(() -> attempt(moreAttempts), threads::execute)
        .thenCompose(Function.identity());
  }

  private CompletionStage<List<Finding>> attemptOnce() {
    if (link.isClosed()) {
      return CompletableFuture.failedStage(closedException());
    }
    try {
      return deployment
          .connect(link.codec())
          .toCompletableFuture()
          .thenCompose(this::greet)
          .thenCompose(done -> link.probe());
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<@Nullable Void> greet(StatefulConnection<String, byte[]> opened) {
    Command<List<Object>> hello =
        new Command<>(link, CommandType.HELLO, new ArrayOutput<>(link.codec()), null);
    opened.dispatch(hello);
    return hello
        .stage()
        .thenApply(Hello::of)
        .thenAccept(answer -> use(opened, answer))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                abandon(opened);
              }
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private static void abandon(StatefulConnection<String, byte[]> connection) {
    connection.closeAsync();
  }

  private void use(StatefulConnection<String, byte[]> opened, Hello hello) {
    hello.check(settings);
    link.use(opened);
    if (link.isClosed()) {
      throw closedException();
    }
    if (!hello.isPrimary() && !deployment.isCluster()) {
      LOG.warn("{} is a replica: it refuses to store anything", settings.address());
    }
    if (!lastProblem.isEmpty()) {
      LOG.info("Connected to {}", settings.address());
    }
    link.track();
  }

  private static StoreException closedException() {
    return new StoreException(Reason.CLOSED, "the store has been closed", null);
  }
}
