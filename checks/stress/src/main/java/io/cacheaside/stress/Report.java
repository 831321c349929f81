package io.cacheaside.stress;

import java.io.PrintStream;
import java.util.List;

/** A table of what was checked, printed row by row. */
final class Report {
  private final PrintStream out;
  private boolean good = true;

  Report(PrintStream out) {
    this.out = out;
    out.println("| check | explored | result |");
    out.println("|---|---|---|");
  }

  /** Adds a row; without failures the check has passed. */
  void add(String check, String explored, List<String> failures) {
    String result = failures.isEmpty() ? "passed" : "FAILED";
    out.printf("| %s | %s | %s |%n", check, explored, result);
    failures.forEach(out::println);
    good &= failures.isEmpty();
  }

  /** Returns whether everything has passed so far. */
  boolean isGood() {
    return good;
  }
}
