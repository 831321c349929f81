package io.cacheaside.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs the first 2,000 seeds of the {@link Simulation}; {@code -Dsimulation.seeds=N} runs so many,
 * {@code -Dsimulation.seed=N} replays one.
 */
@Tag("simulation")
class SimulationTest {

  @Test
  void noSeedViolatesAGuarantee() throws Exception {
    Long replayed = Long.getLong("simulation.seed");
    long from = replayed == null ? 0 : replayed;
    long count = replayed == null ? Long.getLong("simulation.seeds", 2_000) : 1;

    SeedRange.Outcome outcome = new SeedRange(from, count, System.out).run();

    assertThat(outcome.first()).as("first of %d violations", outcome.violations()).isNull();
    assertThat(outcome.operations()).isGreaterThan(count);
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
