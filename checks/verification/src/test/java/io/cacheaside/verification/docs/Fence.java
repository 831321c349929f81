package io.cacheaside.verification.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One fence of Java code in a page, as it stands there.
 *
 * @param page how the page is called
 * @param line the line of the page on which the code begins, from 1
 * @param kind what the comment {@code <!-- snippet: KIND -->} on the line above says
 * @param lines the lines of the code
 */
record Fence(String page, int line, Kind kind, List<Line> lines) {
  private static final Pattern MARK = Pattern.compile("<!-- snippet: (\\w+) -->");

  /** What a fence has. */
  enum Kind {
    /** No comment: statements. */
    STATEMENTS,
    /** Statements that also run. */
    RUN,
    /** Members of a class. */
    MEMBERS,
    /** Members of the class in which the later fences of the page stand. */
    SETUP,
    /** A source file with a {@code main}, which runs. */
    PROGRAM,
    /** Statements that go into the program above. */
    MORE
  }

  /**
   * A line of code.
   *
   * @param number the number that it has in the page, from 1
   */
  record Line(int number, String text) {
    boolean isImport() {
      return text.startsWith("import ");
    }
  }

  /** Returns the fences of a page. */
  static List<Fence> in(String page, List<String> lines) {
    List<Fence> fences = new ArrayList<>();
    String above = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.startsWith("```")) {
        int end = endOfFence(page, lines, i);
        if (line.equals("```java")) {
          fences.add(new Fence(page, i + 2, kind(page, i, above), code(lines, i + 1, end)));
        }
        i = end;
      }
      above = lines.get(i).strip();
    }
    return fences;
  }

  private static int endOfFence(String page, List<String> lines, int start) {
    for (int i = start + 1; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("```")) {
        return i;
      }
    }
    throw new IllegalArgumentException(page + ":" + (start + 1) + ": a fence that does not end");
  }

  private static Kind kind(String page, int index, String above) {
    Matcher mark = MARK.matcher(above);
    try {
      return mark.matches()
          ? Kind.valueOf(mark.group(1).toUpperCase(Locale.ROOT))
          : Kind.STATEMENTS;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(page + ":" + index + ": no such kind: " + above, e);
    }
  }

  private static List<Line> code(List<String> lines, int start, int end) {
    List<Line> code = new ArrayList<>();
    for (int i = start; i < end; i++) {
      code.add(new Line(i + 1, lines.get(i)));
    }
    return code;
  }

  List<Line> imports() {
    return lines.stream().filter(Line::isImport).toList();
  }

  /** Returns the lines that are no imports. */
  List<Line> body() {
    return lines.stream().filter(line -> !line.isImport()).toList();
  }
}
