package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.TTL;
import static io.cacheaside.verification.redis.Stages.await;
import static io.cacheaside.verification.redis.Stages.bytes;
import static io.cacheaside.verification.redis.Stages.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A state with its time: two commands, between which the key may be written. */
@Tag("redis")
class RedisReadTimedTest {
  private static final String STATE = "$5\r\nstate\r\n";
  private static final String NO_BYTES = "$0\r\n\r\n";
  private static final String NOTHING = "_\r\n";

  /** A server on which a key is written between the two commands, or not there at all. */
  private static ScriptedServer server(String pttl, @Nullable String state) throws Exception {
    return new ScriptedServer(
        command ->
            switch (command.get(0)) {
              case "HELLO" -> ScriptedServer.HELLO;
              case "PTTL" -> pttl;
              case "GETRANGE" -> state == null ? NO_BYTES : state;
              default -> state == null ? NOTHING : state;
            });
  }

  private static @Nullable TimedState readTimed(String pttl, @Nullable String state, int maxBytes)
      throws Exception {
    try (ScriptedServer server = server(pttl, state);
        RedisStore store = connect(server.uri())) {
      return await(store.readTimed("key", maxBytes));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, Integer.MAX_VALUE})
  void theTimeIsAskedForFirst(int maxBytes) throws Exception {
    try (ScriptedServer server = server(":5000\r\n", STATE);
        RedisStore store = connect(server.uri())) {
      await(store.readTimed("key", maxBytes));

      List<String> asked =
          server.received().stream()
              .filter(command -> command.contains("cache:key"))
              .map(command -> command.get(0))
              .toList();
      assertThat(asked).containsExactly("PTTL", "GETRANGE");
    }
  }

  @Test
  void bothTravelTogether() throws Exception {
    try (RedisServer server = RedisServer.start();
        RedisStore store = connect(server.uri())) {
      await(store.put("key", bytes("state"), TTL));
      long before = reads(server);
      long own = reads(server) - before;

      await(store.readTimed("key", 16));

      assertThat(reads(server) - before - 2 * own).isEqualTo(1);
    }
  }

  /** How often the server has read from any connection. */
  private static long reads(RedisServer server) {
    return Long.parseLong(server.info("stats").get("total_reads_processed"));
  }

  @ParameterizedTest
  @CsvSource({"5000, 5000", "1, 1", "0, 0"})
  void theStateHasTheTimeThatWasRead(String pttl, long millis) throws Exception {
    TimedState timed = readTimed(":" + pttl + "\r\n", STATE, 16);

    assertThat(timed).isNotNull();
    assertThat(timed.bytes()).isEqualTo(bytes("state"));
    assertThat(timed.remaining()).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, Integer.MAX_VALUE})
  void aStateThatCameInBetweenIsTreatedAsOld(int maxBytes) throws Exception {
    TimedState timed = readTimed(":-2\r\n", STATE, maxBytes);

    assertThat(timed).isNotNull();
    assertThat(timed.bytes()).isEqualTo(bytes("state"));
    assertThat(timed.remaining()).isEqualTo(Duration.ZERO);
  }

  @Test
  void aStateThatWentInBetweenIsNoneOrEmpty() throws Exception {
    assertThat(readTimed(":5000\r\n", null, Integer.MAX_VALUE)).isNull();

    TimedState head = readTimed(":5000\r\n", null, 16);
    assertThat(head).isNotNull();
    assertThat(head.bytes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {16, Integer.MAX_VALUE})
  void nothingIsNothing(int maxBytes) throws Exception {
    assertThat(readTimed(":-2\r\n", null, maxBytes)).isNull();
  }

  @Test
  void aKeyThatNeverExpiresSaysSo() throws Exception {
    TimedState timed = readTimed(":-1\r\n", STATE, 16);

    assertThat(timed).isNotNull();
    assertThat(timed.remaining()).isNull();
  }
}
