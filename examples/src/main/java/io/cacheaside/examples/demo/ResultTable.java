package io.cacheaside.examples.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The table at the end: one row for each scenario, with text wrapped inside its cells. */
final class ResultTable {
  private static final List<Integer> WIDTHS = List.of(1, 18, 27, 36, 3);
  private static final List<String> HEADER = List.of("#", "scenario", "claim", "evidence", "ok");

  private final List<List<String>> rows = new ArrayList<>();
  private int asClaimed;

  void add(int number, Scenario scenario, Evidence evidence) {
    asClaimed += evidence.isAsClaimed() ? 1 : 0;
    rows.add(
        List.of(
            Integer.toString(number),
            scenario.title(),
            scenario.claim(),
            evidence.toString(),
            evidence.isAsClaimed() ? "yes" : "NO"));
  }

  boolean isAllAsClaimed() {
    return asClaimed == rows.size();
  }

  void print(Screen screen, Duration elapsed) {
    String rule = WIDTHS.stream().map("-"::repeat).collect(Collectors.joining("-+-", "+-", "-+"));
    screen.plain("");
    screen.plain(rule);
    lines(HEADER).forEach(screen::plain);
    screen.plain(rule);
    for (List<String> row : rows) {
      lines(row).forEach(screen::plain);
      screen.plain(rule);
    }
    screen.plain(
        "%d of %d scenarios showed what they claim, in %d s."
            .formatted(asClaimed, rows.size(), elapsed.toSeconds()));
  }

  private static List<String> lines(List<String> row) {
    List<List<String>> cells =
        IntStream.range(0, row.size()).mapToObj(i -> wrap(row.get(i), WIDTHS.get(i))).toList();
    int height = Collections.max(cells.stream().map(List::size).toList());
    return IntStream.range(0, height).mapToObj(line -> line(cells, line)).toList();
  }

  private static String line(List<List<String>> cells, int line) {
    return IntStream.range(0, cells.size())
        .mapToObj(i -> padded(line < cells.get(i).size() ? cells.get(i).get(line) : "", i))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String padded(String text, int column) {
    return text + " ".repeat(Math.max(0, WIDTHS.get(column) - text.length()));
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
