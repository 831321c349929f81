package io.cacheaside.verification.history;

import java.util.List;
import java.util.stream.Collectors;

/** What a run has shown. */
record Report(History history, List<Violation> violations) {
  private static final int SHOWN = 3;

  static Report of(History history) {
    return new Report(history, Checker.check(history));
  }

  /** The same, less the violations of one guarantee. */
  Report without(String guarantee) {
    return new Report(
        history, violations.stream().filter(each -> !each.guarantee().equals(guarantee)).toList());
  }

  /** The first violations, and how to bring about the same faults again. */
  String shown() {
    return violations.stream()
        .limit(SHOWN)
        .map(Violation::toString)
        .collect(
            Collectors.joining(
                "\n\n",
                "%d violations. Repeat with: ./mvnw verify -Dtest=HistoryTest -Dhistory.seed=%d\n"
                    .formatted(violations.size(), history.seed()),
                "\n"));
  }

  @Override
  public String toString() {
    return history.figures() + "; " + violations.size() + " violations";
  }
}
