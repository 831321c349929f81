package io.cacheaside.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs the first 3,000 seeds of the {@link Simulation}; {@code -Dsimulation.seeds=N} runs so many,
 * {@code -Dsimulation.seed=N} replays one.
 */
@Tag("simulation")
class SimulationTest {

  @Test
  void noSeedViolatesAGuarantee() {
    Long replayed = Long.getLong("simulation.seed");
    long first = replayed == null ? 0 : replayed;
    long end = replayed == null ? Long.getLong("simulation.seeds", 3_000) : first + 1;
    long loads = 0;
    for (long seed = first; seed < end; seed++) {
      Run run = new Simulation(seed).run();
      assertThat(run.violation()).as("seed %d", seed).isNull();
      loads += run.loads();
    }
    assertThat(loads).as("loads of all runs").isPositive();
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
