package io.cacheaside.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The removals by pattern of a store, and the connections of their own that they run on. */
final class Sweeps implements AutoCloseable {
  private static final Pattern SPECIAL_IN_GLOB = Pattern.compile("[*?\\[\\]\\\\]");

  private final Link link;
  private final Deployment deployment;
  private final LettuceThreads threads;
  private final RedisClient client;
  private final Set<PatternRemoval> underWay = ConcurrentHashMap.newKeySet();

  Sweeps(Link link, Deployment deployment, LettuceThreads threads, LettuceOptions options) {
    this.link = link;
    this.deployment = deployment;
    this.threads = threads;
    client = RedisClient.create(threads.forSweeps());
    client.setOptions(options.forSweeps());
  }

  /** Removes the keys that begin with a prefix, taken literally, and go on as a glob says. */
  CompletionStage<Long> remove(String prefix, String glob) {
    byte[] pattern = (literally(prefix) + glob).getBytes(UTF_8);
    PatternRemoval removal = new PatternRemoval(this, pattern);
    underWay.add(removal);
    removal.result().whenComplete((count, failure) -> underWay.remove(removal));
    if (isClosed()) {
      removal.close();
    } else {
      removal.start();
    }
    return removal.result();
  }

  static String literally(String text) {
    return SPECIAL_IN_GLOB.matcher(text).replaceAll("\\\\$0");
  }

  boolean isClosed() {
    return link.isClosed();
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

  @Override
  public void close() {
    underWay.forEach(PatternRemoval::close);
    LettuceThreads.shutdown(client);
  }
}
