package io.cacheaside.verification.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.testkit.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
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
 * <p>{@code -Dhistory.seconds=N} runs longer on each kind of servers; {@code -Dhistory.seed=N}
 * brings the same faults in the same order once more.
 */
@Tag("faults")
class HistoryTest {
  private static final Logger LOG = LoggerFactory.getLogger("history");
  private static final int SHOWN = 3;

  @ParameterizedTest
  @CsvSource({"BUNDLED,false,6", "VALKEY_8_1,false,4", "BUNDLED,true,8"})
  void nothingIsViolatedByRealProcesses(
      ServerBinary binary, boolean cluster, long seconds, @TempDir Path folder) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    long seed = Long.getLong("history.seed", ThreadLocalRandom.current().nextLong(1_000_000));
    Duration time = Duration.ofSeconds(Long.getLong("history.seconds", seconds));

    try (Servers servers = Servers.start(cluster, binary)) {
      History history = Run.of(servers, folder, seed, time);
      List<Violation> violations = Checker.check(history);

      LOG.info("{}; {} violations", history.figures(), violations.size());
      assertThat(violations.size()).as(() -> shown(history, violations)).isZero();
    }
  }

  private static String shown(History history, List<Violation> violations) {
    return violations.stream()
        .limit(SHOWN)
        .map(Violation::toString)
        .collect(
            Collectors.joining(
                "\n\n",
                "%d violations, -Dhistory.seed=%d, the first of them:\n"
                    .formatted(violations.size(), history.seed()),
                "\n"));
  }
}
