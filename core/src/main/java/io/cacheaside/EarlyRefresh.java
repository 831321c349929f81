package io.cacheaside;

/**
 * When a value that is still fresh is loaded again in the background, so that no reader has to wait
 * for it later. Immutable.
 *
 * <p>A read decides; keys that nobody reads are not refreshed. Of all processes one refreshes, and
 * its result is stored only if the value is still the one that it set out to replace.
 */
public sealed interface EarlyRefresh {

  /**
   * Returns the rule that refreshes with the first read after a fraction of the time to live.
   *
   * @param fraction more than 0.0 and less than 1.0, such as 0.8
   */
  static EarlyRefresh after(double fraction) {
    return new After(fraction);
  }

  /** Returns {@link #xFetch(double)} with the optimal β of 1. */
  static EarlyRefresh xFetch() {
    return xFetch(1.0);
  }

  /**
   * Returns the rule that refreshes with a probability that grows towards the end, the sooner the
   * longer the last load took: when {@code age - loadTime * beta * ln(random) >= ttl}, with random
   * from 0 to 1. Keys that are loaded slowly and read often are refreshed well before their end,
   * others hardly ever.
   *
   * @param beta more than 1 favours earlier refreshes, less than 1 later ones; more than 0.0
   * @see <a href="https://www.vldb.org/pvldb/vol8/p886-vattani.pdf">Vattani, Chierichetti,
   *     Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015</a>
   */
  static EarlyRefresh xFetch(double beta) {
    return new XFetch(beta);
  }

  /**
   * The rule that {@link #after} returns.
   *
   * @param fraction more than 0.0 and less than 1.0
   */
  record After(double fraction) implements EarlyRefresh {
    public After {
      if (!(fraction > 0.0 && fraction < 1.0)) {
        throw new IllegalArgumentException(
            "fraction is " + fraction + "; use more than 0.0 and less than 1.0");
      }
    }
  }

  /**
   * The rule that {@link #xFetch(double)} returns.
   *
   * @param beta more than 0.0, and finite
   */
  record XFetch(double beta) implements EarlyRefresh {
    public XFetch {
      if (!(beta > 0.0 && beta < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("beta is " + beta + "; use more than 0.0, such as 1.0");
      }
    }
  }
}
