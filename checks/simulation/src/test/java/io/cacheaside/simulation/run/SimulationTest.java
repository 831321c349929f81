package io.cacheaside.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds of the {@link Simulation}: the quick run the first 500, {@code -Pfull} the next 7,500
 * and 1,500 from a random one, which a violation names. {@code -Dsimulation.seeds=N} runs so many
 * instead, {@code -Dsimulation.seed=N} replays one.
 */
@Tag("simulation")
class SimulationTest {
  private static final long QUICK = 500;
  private static final long FULL = 8_000;
  private static final long RANDOM = 1_500;

  @Test
  void noSeedViolatesAGuarantee() throws Exception {
    Long replayed = Long.getLong("simulation.seed");
    long from = replayed == null ? 0 : replayed;
    long count = replayed == null ? Long.getLong("simulation.seeds", QUICK) : 1;

    assertNoViolation(from, count);
  }

  @Test
  @Tag("full")
  void noFurtherSeedViolatesAGuarantee() throws Exception {
    assertNoViolation(QUICK, FULL - QUICK);
  }

  @Test
  @Tag("full")
  void noRandomSeedViolatesAGuarantee() throws Exception {
    assertNoViolation(ThreadLocalRandom.current().nextLong(1_000_000_000), RANDOM);
  }

  private static void assertNoViolation(long from, long count) throws Exception {
    SeedRange.Outcome outcome = new SeedRange(from, count, System.out).run();

    assertThat(outcome.first())
        .as(() -> "%d violations, the first: %s".formatted(outcome.violations(), replay(outcome)))
        .isNull();
    assertThat(outcome.operations()).isGreaterThan(count);
  }

  private static String replay(SeedRange.Outcome outcome) {
    Run first = outcome.first();
    return first == null ? "" : "-Dsimulation.seed=" + first.seed();
  }

  @Test
  void aSeedReplaysExactly() {
    assertThat(timelineOf(42)).isNotEmpty().isEqualTo(timelineOf(42));
  }

  private static String timelineOf(long seed) {
    Simulation simulation = new Simulation(seed);
    simulation.run();
    return simulation.timeline();
  }
}
