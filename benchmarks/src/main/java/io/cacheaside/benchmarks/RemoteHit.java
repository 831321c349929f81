package io.cacheaside.benchmarks;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheStats;
import io.cacheaside.Loader;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A hit in Redis, and a GET of Lettuce alone that decodes the same value. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RemoteHit {
  private static final int VALUE_BYTES = 256;
  private static final Codec<String> CODEC = Codec.string();

  private static String valueOf(String key) {
    return (key + "-").repeat(VALUE_BYTES).substring(0, VALUE_BYTES);
  }

  private static final Loader<String, String> NOTHING = key -> null;

  /** A cache whose keys are all in Redis and not near. */
  @State(Scope.Benchmark)
  public static class Ours {
    private final RedisServer server = RedisServer.start();
    private final RedisStore store = RedisStore.connect(server.uri());
    final CacheAside<String, String> cache =
        CacheAside.builder("users", CODEC).ttl(Duration.ofHours(1)).store(store).build();

    public Ours() {
      for (String key : Keys.all()) {
        cache.put(key, valueOf(key));
      }
    }

    /** Fails if anything but hits was measured. */
    @TearDown
    public void close() {
      CacheStats stats = cache.stats();
      cache.close();
      store.close();
      server.close();
      if (stats.misses() > 0 || stats.storeFailures() > 0) {
        throw new IllegalStateException("not all reads were hits: " + stats);
      }
    }
  }

  /** Lettuce as it comes, with the values alone. */
  @State(Scope.Benchmark)
  public static class Raw {
    private final RedisServer server = RedisServer.start();
    private final RedisClient client = RedisClient.create(server.uri());
    private final StatefulRedisConnection<String, byte[]> connection =
        client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    final RedisCommands<String, byte[]> commands = connection.sync();

    public Raw() {
      for (String key : Keys.all()) {
        commands.set(key, CODEC.encode(valueOf(key)));
      }
    }

    @TearDown
    public void close() {
      connection.close();
      client.shutdown();
      server.close();
    }
  }

  @Benchmark
  public @Nullable String ours(Ours ours, Keys keys) {
    return ours.cache.get(keys.next(), NOTHING);
  }

  @Benchmark
  public String raw(Raw raw, Keys keys) {
    return CODEC.decode(ByteBuffer.wrap(Objects.requireNonNull(raw.commands.get(keys.next()))));
  }
}
