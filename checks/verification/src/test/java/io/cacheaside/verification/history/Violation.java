package io.cacheaside.verification.history;

/**
 * A guarantee that was broken.
 *
 * @param guarantee such as {@code G1}
 * @param what in words, with the part of the history that shows it
 */
record Violation(String guarantee, String what) {
  @Override
  public String toString() {
    return guarantee + ": " + what;
  }
}
