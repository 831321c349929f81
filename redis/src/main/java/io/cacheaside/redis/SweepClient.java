package io.cacheaside.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Opens the connections that removals by pattern run on, which are not those of commands. */
final class SweepClient implements AutoCloseable {
  private final Origin origin;
  private final Deployment deployment;
  private final LettuceThreads threads;
  private final RedisClient client;

  SweepClient(
      Origin origin, Deployment deployment, LettuceThreads threads, LettuceOptions options) {
    this.origin = origin;
    this.deployment = deployment;
    this.threads = threads;
    client = RedisClient.create(threads.forSweeps());
    client.setOptions(options.forSweeps());
  }

  boolean isClosed() {
    return origin.isClosed();
  }

  boolean isCluster() {
    return deployment.isCluster();
  }

  CompletionStage<List<RedisURI>> primaries() {
    return deployment.primaryAddresses();
  }

  /** Opens a connection that breaks for good when it breaks. */
  CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(RedisURI address) {
    return client.connectAsync(ByteArrayCodec.INSTANCE, address);
  }

  void later(Runnable action, Duration delay) {
    threads.schedule(action, delay);
  }

  /** Closes the connections; waits for a bounded time. */
  @Override
  public void close() {
    LettuceThreads.shutdown(client);
  }
}
