package io.cacheaside.stress;

import java.util.List;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Looks for histories that no order of the operations explains.
 *
 * @param name what is checked
 * @param subject the operations, run by several threads at once
 * @param model what they do, one after the other
 */
record Histories(String name, Class<?> subject, Class<?> model) {
  static final List<Histories> ALL =
      List.of(
          new Histories("the store in memory", StoreOperations.class, StoreModel.class),
          new Histories("loads that can be joined", LoadsOperations.class, LoadsModel.class),
          new Histories("places of loads", BulkheadOperations.class, BulkheadModel.class));

  private static final int THREADS = 3;
  private static final int OPERATIONS_OF_EACH = 3;

  /** How the threads are let loose. */
  enum Mode {
    /** As they run. */
    STRESS,
    /** One at a time, switched at chosen steps. */
    MODEL_CHECKING;

    private Options<?, ?> options() {
      return this == STRESS ? new StressOptions() : new ModelCheckingOptions();
    }

    @Override
    public String toString() {
      return this == STRESS ? "threads" : "chosen orders";
    }
  }

  /**
   * How much is tried.
   *
   * @param scenarios random operations for three threads
   * @param runsOfEach how often each scenario is run
   */
  record Effort(Mode mode, int scenarios, int runsOfEach) {

    @Override
    public String toString() {
      return "%,d scenarios, %s, %,d runs of each".formatted(scenarios, mode, runsOfEach);
    }
  }

  /**
   * Checks random scenarios.
   *
   * @throws AssertionError with a history that no order explains
   */
  void check(Effort effort) {
    effort
        .mode()
        .options()
        .threads(THREADS)
        .actorsPerThread(OPERATIONS_OF_EACH)
        .actorsBefore(2)
        .actorsAfter(1)
        .iterations(effort.scenarios())
        .invocationsPerIteration(effort.runsOfEach())
        .sequentialSpecification(model)
        .check(subject);
  }
}
