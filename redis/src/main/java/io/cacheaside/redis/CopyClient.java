package io.cacheaside.redis;

import io.cacheaside.store.StoreException;
import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Opens the connections that wait for copies, and says what an answer or a failure means. */
final class CopyClient implements AutoCloseable {
  private final RedisSettings settings;
  private final Origin origin;
  private final RedisClient client;

  CopyClient(
      RedisSettings settings, Origin origin, LettuceThreads threads, LettuceOptions options) {
    this.settings = settings;
    this.origin = origin;
    client = RedisClient.create(threads.forSweeps());
    client.setOptions(options.forCopies());
  }

  /** Opens a connection that stays closed once it breaks. */
  CompletionStage<StatefulRedisConnection<String, byte[]>> connect(RedisURI primary) {
    try {
      checkOpen();
      return client.connectAsync(origin.codec(), primary).thenApply(this::kept);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private StatefulRedisConnection<String, byte[]> kept(
      StatefulRedisConnection<String, byte[]> opened) {
    if (origin.isClosed()) {
      opened.closeAsync();
    }
    checkOpen();
    return opened;
  }

  private void checkOpen() {
    if (origin.isClosed()) {
      throw new IllegalStateException("closed");
    }
  }

  /** Asks how many replicas have what was written before over the same connection. */
  RedisFuture<Long> acknowledged(RedisAsyncCommands<String, byte[]> commands) {
    return commands.waitForReplication(
        settings.invalidationCopies(), settings.copyTimeout().toMillis());
  }

  /** Refuses a number of replicas that is too small. */
  void check(long acknowledged) {
    int wanted = settings.invalidationCopies();
    if (acknowledged < wanted) {
      throw refused(
          "%d of %d copies within %d ms"
              .formatted(acknowledged, wanted, settings.copyTimeout().toMillis()));
    }
  }

  static StoreException refused(String why) {
    return new StoreException(Reason.REFUSED, "WAIT: " + why, null);
  }

  /**
   * Says why it is not certain that there are enough copies.
   *
   * @param sent whether it was asked for
   */
  StoreException failed(Throwable failure, boolean sent) {
    return CommandFailures.of("WAIT", Stages.unwrapped(failure), sent, origin.isClosed());
  }

  /** Closes the connections; waits for a bounded time. */
  @Override
  public void close() {
    LettuceThreads.shutdown(client);
  }
}
