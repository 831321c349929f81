package io.cacheaside.verification.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.testkit.ServerBinary;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JVM writes and updates or invalidates as fast as it can, two others read near: nothing is
 * stale once the change was told, and nothing for longer than allowed in any case. {@code
 * -Dhistory.rounds=N} says how often.
 *
 * <p>How often the source is read (G3) is left to {@link HistoryTest}: at this rate a value is
 * often found under the time to live of its lease, looks older than it is, and is loaded once more.
 */
@Tag("races")
@Tag("full")
class ProcessRaceTest {
  private static final Logger LOG = LoggerFactory.getLogger("history");

  @ParameterizedTest
  @CsvSource({"BUNDLED,false", "VALKEY_8_1,false", "BUNDLED,true"})
  void nothingIsStaleInAnotherProcessThatWasTold(
      ServerBinary binary, boolean cluster, @TempDir Path folder) {
    Assumptions.assumeTrue(binary.isAvailable(), binary + " is not there");
    try (Servers servers = Servers.start(cluster, binary)) {
      History history = Run.race(servers, folder, Long.getLong("history.rounds", 200));
      Report report = Report.of(history).without("G3");

      LOG.info("{}", report);
      assertThat(report.violations().size()).as(report::shown).isZero();
    }
  }
}
