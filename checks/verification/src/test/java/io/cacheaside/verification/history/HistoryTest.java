package io.cacheaside.verification.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.testkit.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three JVMs use a cache on real servers, while they, the servers and the network fail. All that
 * they do is recorded, and judged when it is over.
 *
 * <p>The seeds decide which faults come, and in which order. They are fixed, so each build brings
 * the same ones. {@code -Dhistory.seed=N} sets another seed, {@code -Dhistory.seed=random} picks
 * one at random. {@code -Dhistory.seconds=N} runs longer on each kind of servers.
 */
@Tag("faults")
@Tag("full")
class HistoryTest {
  private static final Logger LOG = LoggerFactory.getLogger("history");

  @ParameterizedTest
  @CsvSource({"BUNDLED,false,3,1", "VALKEY_8_1,false,2,2", "BUNDLED,true,3,456274"})
  void nothingIsViolatedByRealProcesses(
      ServerBinary binary, boolean cluster, long seconds, long fixed, @TempDir Path folder) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    long seed = seed(fixed);
    Duration time = Duration.ofSeconds(Long.getLong("history.seconds", seconds));

    try (Servers servers = Servers.start(cluster, binary)) {
      Report report = Report.of(Run.of(servers, folder, seed, time));

      LOG.info("{}", report);
      assertThat(report.violations().size()).as(report::shown).isZero();
    }
  }

  private static long seed(long fixed) {
    String wanted = System.getProperty("history.seed", String.valueOf(fixed));
    return wanted.equals("random")
        ? ThreadLocalRandom.current().nextLong(1_000_000)
        : Long.parseLong(wanted);
  }
}
