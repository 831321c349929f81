package io.cacheaside.simulation.run;

import org.jspecify.annotations.Nullable;

/**
 * How the run of one seed ended. Shared with the class loaders of mutants, hence public.
 *
 * @param seed which decided everything that happened
 * @param operations how many operations of caches ended
 * @param loads how often a loader was called
 * @param violation null if every guarantee was kept
 */
public record Run(long seed, int operations, int loads, @Nullable Violation violation) {

  /**
   * A guarantee that was broken.
   *
   * @param guarantee its number
   * @param observation what was seen that must not be
   * @param timeline what happened until then, one event a line
   */
  public record Violation(String guarantee, String observation, String timeline) {

    @Override
    public String toString() {
      return guarantee + ": " + observation;
    }
  }
}
