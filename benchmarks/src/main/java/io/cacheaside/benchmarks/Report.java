package io.cacheaside.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** The table of what was measured, in Markdown. */
final class Report {
  private static final List<String> HEAD =
      List.of(
          "Figure",
          "Unit",
          "Measured (spread)",
          "Compared with",
          "Measured (spread)",
          "Ratio (spread)",
          "Goal",
          "Result");

  private final List<List<String>> rows = new ArrayList<>(List.of(HEAD));

  /** What stands in the two columns of one thing that was measured. */
  record Value(double number, String spread) {
    static Value medianOf(Samples samples) {
      return new Value(samples.median(), samples.spread());
    }

    String text() {
      return Samples.format(number) + (spread.isEmpty() ? "" : " (" + spread + ")");
    }
  }

  /** Adds a figure that stands for itself. */
  void add(String figure, String unit, Value measured, Goal goal) {
    row(figure, unit, measured.text(), "", "", "", goal, goal.verdict(measured.number()));
  }

  /** Adds a figure whose goal is about how many times as large as another it is. */
  void addRatio(
      String figure, String unit, Value measured, String other, Value its, Value ratio, Goal goal) {
    String verdict = goal.verdict(ratio.number());
    row(figure, unit, measured.text(), other, its.text(), ratio.text(), goal, verdict);
  }

  /** Adds a figure whose goal is about how much larger than another it is. */
  void addDifference(
      String figure, String unit, Value measured, String other, Value its, Goal goal) {
    String verdict = goal.verdict(measured.number() - its.number());
    row(figure, unit, measured.text(), other, its.text(), "", goal, verdict);
  }

  private void row(
      String figure,
      String unit,
      String measured,
      String other,
      String its,
      String ratio,
      Goal goal,
      String verdict) {
    rows.add(List.of(figure, unit, measured, other, its, ratio, goal.text(), verdict));
  }

  String table() {
    StringBuilder table = new StringBuilder();
    for (List<String> row : rows) {
      table.append("| ").append(String.join(" | ", row)).append(" |\n");
      if (row == HEAD) {
        table.append("|---".repeat(HEAD.size())).append("|\n");
      }
    }
    return table.toString();
  }
}
