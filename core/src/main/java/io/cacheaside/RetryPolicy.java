package io.cacheaside;

import io.cacheaside.internal.entry.Printable;
import java.time.Duration;
import java.util.Objects;

/**
 * How often, how soon and for how long something that failed is tried again: exponential back-off
 * with full jitter (each delay is random between zero and its bound) under a deadline.
 *
 * <p>For loaders and invalidations. Reads of the store are never repeated: a dead store costs a
 * reader one timeout. Immutable.
 */
public final class RetryPolicy {
  private static final RetryPolicy NONE =
      new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1));

  private final int maxAttempts;
  private final Duration firstDelay;
  private final Duration maxDelay;
  private final Duration deadline;

  private RetryPolicy(int maxAttempts, Duration firstDelay, Duration maxDelay, Duration deadline) {
    this.maxAttempts = maxAttempts;
    this.firstDelay = firstDelay;
    this.maxDelay = maxDelay;
    this.deadline = deadline;
  }

  /** Returns the policy that tries once. */
  public static RetryPolicy none() {
    return NONE;
  }

  /**
   * Returns a policy with a bound of 100 ms on the first delay, doubled each time up to 1 s, and a
   * deadline of 5 s.
   *
   * @param maxAttempts how often to try at most, the first time included; at least 1
   */
  public static RetryPolicy of(int maxAttempts) {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException(
          "maxAttempts is " + maxAttempts + "; use at least 1 (1 means: no second try)");
    }
    return new RetryPolicy(
        maxAttempts, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(5));
  }

  /** Returns this policy with another number of tries, or a new one if this one tries once. */
  RetryPolicy attempts(int newMaxAttempts) {
    RetryPolicy fresh = of(newMaxAttempts);
    return maxAttempts == 1 ? fresh : fresh.delays(firstDelay, maxDelay).deadline(deadline);
  }

  /** Returns this policy with another bound on every delay, and so maybe on the first one. */
  RetryPolicy maxDelay(Duration max) {
    return delays(firstDelay.compareTo(max) > 0 ? max : firstDelay, max);
  }

  /** Returns this policy with other bounds on the first and on every later delay. */
  public RetryPolicy delays(Duration first, Duration max) {
    requirePositive("first delay", first);
    requirePositive("max delay", max);
    if (first.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "first delay is "
              + Printable.of(first)
              + "; use at most the max delay, "
              + Printable.of(max));
    }
    return new RetryPolicy(maxAttempts, first, max, deadline);
  }

  /**
   * Returns this policy with another deadline: no try begins later than this after the first one.
   */
  public RetryPolicy deadline(Duration newDeadline) {
    requirePositive("deadline", newDeadline);
    return new RetryPolicy(maxAttempts, firstDelay, maxDelay, newDeadline);
  }

  /** Returns how often something is tried at most, the first time included. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** Returns the bound on the first delay. */
  public Duration firstDelay() {
    return firstDelay;
  }

  /** Returns the bound on every delay. */
  public Duration maxDelay() {
    return maxDelay;
  }

  /** Returns the time after the first try in which the last one may begin. */
  public Duration deadline() {
    return deadline;
  }

  private static void requirePositive(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          name + " is " + Printable.of(value) + "; use more than 0 s and at most one day");
    }
  }

  @Override
  public String toString() {
    return "RetryPolicy[maxAttempts="
        + maxAttempts
        + ", firstDelay="
        + Printable.of(firstDelay)
        + ", maxDelay="
        + Printable.of(maxDelay)
        + ", deadline="
        + Printable.of(deadline)
        + "]";
  }
}
