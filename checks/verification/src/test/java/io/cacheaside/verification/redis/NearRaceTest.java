package io.cacheaside.verification.redis;

import static io.cacheaside.verification.redis.Stages.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One process changes what another reads near, as often as fits into some seconds, or {@code
 * -Dnear.rounds=N} times.
 */
@Tag("races")
@Tag("full")
class NearRaceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration MAX_STALENESS = Duration.ofMillis(500);

  /**
   * The answer to a command that was sent after a change has returned proves that the change has
   * been told: from then on no read may miss it.
   */
  @ParameterizedTest
  @CsvSource({"BUNDLED,6", "VALKEY_8_1,1"})
  void nothingIsStaleOnceTheChangeWasTold(ServerBinary binary, long seconds) throws Exception {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    try (RedisServer server = RedisServer.start(binary);
        RedisStore reads =
            NearPair.reads(server.uri())
                .commandTimeout(PATIENCE)
                .connectTimeout(PATIENCE)
                .connect();
        NearPair pair =
            NearPair.of(
                NearWriter.startPatient(server.uri()), reads, MAX_STALENESS, List.of("key"))) {
      pair.awaitNear();
      Long wanted = Long.getLong("near.rounds");
      long startNanos = System.nanoTime();
      long limitNanos = Duration.ofSeconds(seconds).toNanos();

      long round = 0;
      while (wanted == null ? System.nanoTime() - startNanos < limitNanos : round < wanted) {
        assertThat(change(pair, round++)).isTrue();
        await(reads.ping());
        pair.told("key");
      }

      pair.assertFresh(binary + ", race of " + round + " rounds");
      pair.assertNoneIsStaleAfterItWasTold();
    }
  }

  private static boolean change(NearPair pair, long round) {
    return round % 3 == 0 ? pair.put("key") : pair.invalidate("key");
  }
}
