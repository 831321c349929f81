package io.cacheaside.simulation.run;

import java.util.function.LongFunction;

/** Runs seeds one by one; public because mutants are reached through it. */
public final class SeedRunner implements LongFunction<Run> {

  /** Creates a runner; there is nothing to be set. */
  public SeedRunner() {}

  @Override
  public Run apply(long seed) {
    return new Simulation(seed).run();
  }
}
