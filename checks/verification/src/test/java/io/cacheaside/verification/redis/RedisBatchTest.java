package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.StoreException.Reason;
import io.cacheaside.testkit.RedisServer;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a batch costs on the wire. */
@Tag("redis")
class RedisBatchTest {
  private static final int OPERATIONS = 200;

  @Test
  void operationsOfEveryKindTravelTogether() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      Stages.await(store.ping());
      List<CompletionStage<?>> stages = new ArrayList<>();
      long before = readsOf(server);

      store.batch(
          () -> {
            for (int i = 0; i < OPERATIONS / 4; i++) {
              stages.add(store.putIfAbsent("key-" + i, bytes("1:payload"), TTL));
              store.batch(
                  () -> stages.add(store.swap("key-0", bytes("1:"), bytes("2:payload"), null)));
              stages.add(store.readTimed("key-" + i, 2));
              stages.add(store.read("key-" + i));
            }
          });

      for (CompletionStage<?> stage : stages) {
        Stages.await(stage);
      }
      assertThat(readsOf(server) - before).isLessThan(OPERATIONS / 10);
    }
  }

  @Test
  void nothingIsSentBeforeItEnds() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      List<CompletionStage<?>> stages = new ArrayList<>();

      store.batch(
          () -> {
            stages.add(store.put("key", bytes("state"), TTL));
            assertThat(server.command("EXISTS", "cache:key")).isEqualTo(0L);
          });

      Stages.await(stages.get(0));
      assertThat(server.command("EXISTS", "cache:key")).isEqualTo(1L);
    }
  }

  @Test
  void readsThatFollowEachOtherAreOneCommand() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      for (int i = 0; i < 20; i += 2) {
        Stages.await(store.put("key-" + i, bytes("state " + i), TTL));
      }
      server.command("CONFIG", "RESETSTAT");
      List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();

      store.batch(() -> IntStream.range(0, 20).forEach(i -> reads.add(store.read("key-" + i))));

      for (int i = 0; i < 20; i++) {
        assertThat(Stages.await(reads.get(i))).isEqualTo(i % 2 == 0 ? bytes("state " + i) : null);
      }
      assertThat(server.commandCalls("mget")).isEqualTo(1);
      assertThat(server.commandCalls("getrange")).isZero();
    }
  }

  @Test
  void noReadIsMovedAcrossAWrite() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      List<CompletionStage<byte @Nullable []>> before = new ArrayList<>();
      List<CompletionStage<byte @Nullable []>> after = new ArrayList<>();

      store.batch(
          () -> {
            IntStream.range(0, 20).forEach(i -> before.add(store.read("key")));
            var unused = store.put("key", bytes("state"), TTL);
            IntStream.range(0, 20).forEach(i -> after.add(store.read("key")));
          });

      for (int i = 0; i < 20; i++) {
        assertThat(Stages.await(before.get(i))).isNull();
        assertThat(Stages.await(after.get(i))).isEqualTo(bytes("state"));
      }
    }
  }

  @Test
  void eachReadOfACommandThatFailsFails() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .commandTimeout(Duration.ofMillis(200))
                .connect()) {
      List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();
      server.freeze();

      store.batch(() -> IntStream.range(0, 250).forEach(i -> reads.add(store.read("key-" + i))));

      for (CompletionStage<byte @Nullable []> read : reads) {
        assertThat(Stages.reason(read)).isEqualTo(Reason.TIMED_OUT);
      }
      server.thaw();
    }
  }

  @Test
  void aHundredReadsAreOneCommandAtMost() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      server.command("CONFIG", "RESETSTAT");
      List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();

      store.batch(() -> IntStream.range(0, 207).forEach(i -> reads.add(store.read("key-" + i))));

      for (CompletionStage<byte @Nullable []> read : reads) {
        assertThat(Stages.await(read)).isNull();
      }
      assertThat(server.commandCalls("mget")).isEqualTo(2);
      assertThat(server.commandCalls("getrange")).isEqualTo(7);
    }
  }

  @Test
  void aKeyOfAnotherTypeIsSeenAmongOthers() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      Stages.await(store.put("key-3", bytes("state"), TTL));
      server.command("RPUSH", "cache:key-7", "not a state");
      server.command("EXPIRE", "cache:key-7", "60");
      List<CompletionStage<byte @Nullable []>> reads = new ArrayList<>();

      store.batch(() -> IntStream.range(0, 20).forEach(i -> reads.add(store.read("key-" + i))));

      for (int i = 0; i < 20; i++) {
        byte[] expected = i == 3 ? bytes("state") : i == 7 ? bytes("") : null;
        assertThat(Stages.await(reads.get(i))).isEqualTo(expected);
      }
    }
  }

  /** Its tags are read with a key, which makes so many reads that they are one command. */
  @Test
  void whatIsNoEntryAndNoTagIsReplaced() {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri());
        CacheAside<String, String> cache =
            CacheAside.<String>builder("many", Codec.string())
                .store(store)
                .tags(key -> IntStream.range(0, 10).mapToObj(i -> "tag-" + i).toList())
                .build()) {
      assertThat(cache.get("key", key -> "v")).isEqualTo("v");
      for (String key : keys(server)) {
        server.command("DEL", key);
        server.command("RPUSH", key, "not a state");
        server.command("EXPIRE", key, "60");
      }

      assertThat(cache.get("key", key -> "v")).isEqualTo("v");
      assertThat(cache.get("key", key -> "not cached")).isEqualTo("v");
    }
  }

  private static List<String> keys(RedisServer server) {
    return ((List<?>) server.command("KEYS", "*")).stream().map(String::valueOf).toList();
  }

  /** What is written while the thread that sends has something else to do goes out together. */
  @Test
  void commandsOfManyCallersShareWrites() throws Exception {
    List<Channel> channels = new CopyOnWriteArrayList<>();
    ClientResources resources =
        ClientResources.builder()
            .nettyCustomizer(
                new NettyCustomizer() {
                  @Override
                  public void afterChannelInitialized(Channel channel) {
                    channels.add(channel);
                  }
                })
            .build();
    try (RedisServer server = RedisServer.start();
        RedisStore store =
            RedisStore.builder()
                .uri(server.uri())
                .commandTimeout(Duration.ofSeconds(10))
                .clientResources(resources)
                .connect()) {
      Stages.await(store.ping());
      long before = readsOf(server);
      CountDownLatch written = new CountDownLatch(1);
      channels.forEach(channel -> channel.eventLoop().execute(() -> await(written)));

      List<CompletionStage<?>> stages = new ArrayList<>();
      try {
        for (int i = 0; i < OPERATIONS; i++) {
          stages.add(store.read("key-" + i));
        }
      } finally {
        written.countDown();
      }

      for (CompletionStage<?> stage : stages) {
        Stages.await(stage);
      }
      assertThat(readsOf(server) - before).isLessThan(OPERATIONS / 10);
    } finally {
      resources.shutdown(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How often the server has read from any connection. */
  private static long readsOf(RedisServer server) {
    return Long.parseLong(server.info("stats").get("total_reads_processed"));
  }
}
