package io.cacheaside.simulation.oracle;

/** Ends a run in which a guarantee was broken. */
public final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String guarantee;
  private final String observation;

  /**
   * Creates the end of a run.
   *
   * @param guarantee its number
   * @param observation what was seen that must not be
   */
  public Broken(String guarantee, String observation) {
    super(guarantee + ": " + observation);
    this.guarantee = guarantee;
    this.observation = observation;
  }

  public String guarantee() {
    return guarantee;
  }

  public String observation() {
    return observation;
  }
}
