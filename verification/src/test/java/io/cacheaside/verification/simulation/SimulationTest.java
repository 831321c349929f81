package io.cacheaside.verification.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds of the {@link Simulation} for a budget of time, from where a system property says:
 * {@code -Dsimulation.seed=N} replays one, {@code -Dsimulation.seeds=N} runs so many.
 */
@Tag("simulation")
class SimulationTest {
  private static final Duration BUDGET = Duration.ofSeconds(20);

  @Test
  void noSeedViolatesAGuarantee() {
    Long single = Long.getLong("simulation.seed");
    if (single != null) {
      new Simulation(single).run();
      return;
    }
    long seeds = Long.getLong("simulation.seeds", Long.MAX_VALUE);
    long end = System.nanoTime() + BUDGET.toNanos();
    long seed = 0;
    while (seed < seeds && (seeds != Long.MAX_VALUE || System.nanoTime() < end)) {
      new Simulation(seed++).run();
    }
    assertThat(seed).as("seeds that ran").isGreaterThan(100);
    System.out.println(seed + " seeds of the simulation, no violation");
  }

  @Test
  void aSeedReplaysExactly() {
    assertThat(new Simulation(42).run()).isEqualTo(new Simulation(42).run());
  }
}
