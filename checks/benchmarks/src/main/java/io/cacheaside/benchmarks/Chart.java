package io.cacheaside.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * Horizontal bars, in groups, as an SVG that can be read on light and on dark pages.
 *
 * @param name of the file
 * @param unit of the numbers, and which of them are good
 * @param groups from top to bottom
 */
record Chart(String name, String title, String unit, List<Group> groups) {
  private static final int WIDTH = 760;
  private static final int LABELS_WIDTH = 240;
  private static final int NUMBERS_WIDTH = 80;
  private static final int BAR_HEIGHT = 18;
  private static final int BAR_DISTANCE = 24;
  private static final int GROUP_HEAD_HEIGHT = 32;
  private static final int HEAD_HEIGHT = 48;
  private static final String STYLE =
      """
        <style>
          text { font: 13px system-ui, sans-serif; fill: #24292f; }
          .title { font-size: 16px; font-weight: 600; }
          .group { font-weight: 600; }
          .unit { fill: #57606a; }
          .bar { fill: #8c959f; }
          .ours { fill: #0969da; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .unit { fill: #8d96a0; }
            .bar { fill: #6e7681; }
            .ours { fill: #4493f8; }
          }
        </style>
      """;

  /** Bars that are compared with each other. */
  record Group(String title, List<Bar> bars) {}

  record Bar(String label, double value) {
    boolean isOurs() {
      return label.startsWith(Ours.NAME);
    }
  }

  /** Where the file is, as seen from the page. */
  String path() {
    return "benchmarks/" + name + ".svg";
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    int height = HEAD_HEIGHT + groups.stream().mapToInt(Chart::heightOf).sum() + 8;
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " width=\"%d\" height=\"%d\">%n",
        WIDTH,
        height,
        WIDTH,
        height);
    add(svg, "  <title>%s</title>%n", escaped(title));
    svg.append(STYLE);
    text(svg, "title", 8, 20, "start", title);
    text(svg, "unit", 8, 40, "start", unit);
    int y = HEAD_HEIGHT;
    for (Group group : groups) {
      addGroup(svg, group, y);
      y += heightOf(group);
    }
    return svg.append("</svg>\n").toString();
  }

  private static int heightOf(Group group) {
    return GROUP_HEAD_HEIGHT + group.bars().size() * BAR_DISTANCE;
  }

  private static void addGroup(StringBuilder svg, Group group, int top) {
    text(svg, "group", 8, top + 22, "start", group.title());
    double longest = group.bars().stream().mapToDouble(Bar::value).max().orElse(1);
    int y = top + GROUP_HEAD_HEIGHT;
    for (Bar bar : group.bars()) {
      addBar(svg, bar, y, bar.value() / longest);
      y += BAR_DISTANCE;
    }
  }

  private static void addBar(StringBuilder svg, Bar bar, int y, double share) {
    double width = Math.max(1, share * (WIDTH - LABELS_WIDTH - NUMBERS_WIDTH));
    text(svg, "label", LABELS_WIDTH - 8, y + 14, "end", bar.label());
    add(
        svg,
        "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n",
        bar.isOurs() ? "ours" : "bar",
        LABELS_WIDTH,
        y,
        width,
        BAR_HEIGHT);
    double end = LABELS_WIDTH + width + 6;
    text(svg, "number", end, y + 14, "start", Samples.format(bar.value()));
  }

  private static void text(
      StringBuilder svg, String kind, double x, int y, String anchor, String text) {
    add(
        svg,
        "  <text class=\"%s\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>%n",
        kind,
        x,
        y,
        anchor,
        escaped(text));
  }

  private static void add(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
