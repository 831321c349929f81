package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes of failures to connect that only a race inside of Lettuce brings about. */
class ConnectorTest {
  private final RedisSettings settings = RedisStore.builder().settings();
  private final LettuceThreads threads = new LettuceThreads(settings);
  private final AtomicInteger attempts = new AtomicInteger();
  private final CountDownLatch many = new CountDownLatch(9);
  private final Deployment unreachable = new Unreachable();
  private final Link link = new Link(settings, unreachable, threads);
  private final Connector connector = new Connector(settings, unreachable, threads, link);
  private volatile IntFunction<Exception> failures = number -> unexplained();

  @AfterEach
  void close() {
    link.close();
    threads.close();
  }

  /** Servers that none of the attempts reaches. */
  private final class Unreachable implements Deployment {
    @Override
    public CompletionStage<StatefulConnection<String, byte[]>> connect(StateCodec codec) {
      many.countDown();
      return CompletableFuture.failedStage(
          new RedisConnectionException(
              "Unable to connect", failures.apply(attempts.incrementAndGet())));
    }

    @Override
    public void whenServersChange(Runnable action) {}

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public void send(
        StatefulConnection<String, byte[]> connection, List<? extends Command<?>> commands) {
      throw new AssertionError("never connected");
    }

    @Override
    public @Nullable StatefulRedisConnection<String, byte[]> primaryOf(
        StatefulConnection<String, byte[]> connection, StateCodec codec, String key) {
      return null;
    }

    @Override
    public String nodeOf(ByteBuffer key) {
      return null;
    }

    @Override
    public Map<String, CompletionStage<? extends StatefulConnection<String, byte[]>>> primaries(
        StatefulConnection<String, byte[]> connection) {
      return Map.of();
    }

    @Override
    public CompletionStage<List<RedisURI>> primaryAddresses() {
      return CompletableFuture.completedStage(List.of());
    }

    @Override
    public Map<RedisURI, BitSet> owners(BitSet slots) {
      return Map.of();
    }

    @Override
    public void close() {}
  }

  private static Exception unexplained() {
    return new IllegalStateException("RedisHandshakeHandler not registered");
  }

  private static Exception refused() {
    return new RedisCommandExecutionException("ERR DB index is out of range");
  }

  @Test
  void aReasonThatGotLostIsAskedForAgain() {
    failures = number -> number < 3 ? unexplained() : refused();

    assertThatThrownBy(connector::connect)
        .isInstanceOf(RedisConnectException.class)
        .hasMessageContaining("DB index is out of range (check database = 0)")
        .hasFieldOrPropertyWithValue("reason", Reason.REFUSED);
    assertThat(attempts).hasValue(3);
  }

  @Test
  void oneThatStaysLostIsWaitedFor() throws Exception {
    connector.connect();

    assertThat(many.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aKnownReasonIsNotAskedForAgain() {
    Exception both = refused();
    both.addSuppressed(unexplained());
    failures = number -> both;

    assertThatThrownBy(connector::connect).isInstanceOf(RedisConnectException.class);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void afterCloseNothingIsTried() {
    link.close();

    connector.connect();

    assertThat(attempts).hasValue(0);
  }
}
