package io.cacheaside.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What was measured, part by part, in Markdown. */
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
  private static final List<String> GOALS_HEAD = List.of("Figure", "Goal", "Measured", "Result");

  private final List<Part> parts = new ArrayList<>();
  private final List<Chart> charts = new ArrayList<>();

  /** What stands in the two columns of one thing that was measured. */
  record Value(double number, String spread) {
    static Value medianOf(Samples samples) {
      return new Value(samples.median(), samples.spread());
    }

    String text() {
      return Samples.format(number) + (spread.isEmpty() ? "" : " (" + spread + ")");
    }
  }

  /**
   * What belongs together.
   *
   * @param figures one row for each figure
   * @param goals of those figures that have one
   * @param extras further tables and charts, as they stand on the page
   */
  private record Part(
      String title,
      String text,
      List<List<String>> figures,
      List<List<String>> goals,
      List<String> extras) {}

  /** Begins a part; what is added from now on belongs to it. */
  void begin(String title, String text) {
    parts.add(new Part(title, text, new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
  }

  /** Adds a figure that stands for itself. */
  void add(String figure, String unit, Value measured, Goal goal) {
    String verdict = goal.verdict(measured.number());
    row(figure, unit, measured.text(), "", "", "", goal, verdict);
    goal(figure, goal, measured.text() + " " + unit, verdict);
  }

  /** Adds a figure whose goal is about how many times as large as another it is. */
  void addRatio(
      String figure, String unit, Value measured, String other, Value its, Value ratio, Goal goal) {
    String verdict = goal.verdict(ratio.number());
    row(figure, unit, measured.text(), other, its.text(), ratio.text(), goal, verdict);
    goal(figure + ", compared with " + other, goal, ratio.text() + " ×", verdict);
  }

  /** Adds a figure whose goal is about how much larger than another it is. */
  void addDifference(
      String figure, String unit, Value measured, String other, Value its, Goal goal) {
    double difference = measured.number() - its.number();
    String verdict = goal.verdict(difference);
    row(figure, unit, measured.text(), other, its.text(), "", goal, verdict);
    goal(
        figure + ", compared with " + other,
        goal,
        Samples.format(difference) + " " + unit + " more",
        verdict);
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
    current()
        .figures()
        .add(List.of(figure, unit, measured, other, its, ratio, goal.text(), verdict));
  }

  private void goal(String figure, Goal goal, String measured, String verdict) {
    if (!goal.isNone()) {
      current().goals().add(List.of(figure, goal.text(), measured, verdict));
    }
  }

  /** Adds a table of another shape. */
  void addTable(List<String> head, List<List<String>> rows) {
    current().extras().add(table(head, rows));
  }

  void add(Chart chart) {
    charts.add(chart);
    current().extras().add("![%s](%s)%n".formatted(chart.title(), chart.path()));
  }

  void addText(String text) {
    current().extras().add(text + "\n");
  }

  private Part current() {
    return parts.get(parts.size() - 1);
  }

  List<Chart> charts() {
    return charts;
  }

  /** How many goals were met. */
  String count() {
    List<List<String>> goals = parts.stream().flatMap(part -> part.goals().stream()).toList();
    long met = goals.stream().filter(goal -> goal.get(goal.size() - 1).equals("met")).count();
    return "%d of %d goals were met.".formatted(met, goals.size());
  }

  /** All figures with a goal. */
  String goals() {
    return table(GOALS_HEAD, parts.stream().flatMap(part -> part.goals().stream()).toList());
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append("## ").append(part.title()).append("\n\n").append(part.text()).append('\n');
      part.extras().forEach(extra -> text.append('\n').append(extra));
      if (!part.figures().isEmpty()) {
        text.append('\n').append(table(HEAD, part.figures()));
      }
      text.append('\n');
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static String table(List<String> head, List<List<String>> rows) {
    StringBuilder table = new StringBuilder();
    appendRow(table, head);
    table.append("|---".repeat(head.size())).append("|\n");
    rows.forEach(row -> appendRow(table, row));
    return table.toString();
  }

  private static void appendRow(StringBuilder table, List<String> row) {
    table.append("| ").append(String.join(" | ", row)).append(" |\n");
  }
}
