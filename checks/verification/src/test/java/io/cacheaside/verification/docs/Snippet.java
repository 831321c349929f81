package io.cacheaside.verification.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One fence of Java code in a page.
 *
 * <p>What is done with it, the comment {@code <!-- snippet: KIND -->} on the line above it says:
 *
 * <ul>
 *   <li>no comment: statements that compile in a method of {@link SnippetScope}
 *   <li>{@code run}: statements that also run, and print what the comments {@code // prints ...} at
 *       the ends of their lines say, in that order, and nothing else
 *   <li>{@code members}: types, methods or fields that compile in a class
 *   <li>{@code program}: a whole source file with a {@code main}, which runs as {@code run} does
 * </ul>
 *
 * <p>Where a snippet that runs connects to {@code redis://localhost:6379}, it gets a Redis of the
 * test instead.
 *
 * @param page how the page is called
 * @param line the line of the page on which the code begins, from 1
 * @param code the lines of the code
 */
record Snippet(String page, int line, Kind kind, List<String> code) {
  static final String LOCAL_REDIS = "redis://localhost:6379";

  private static final Pattern MARK = Pattern.compile("<!-- snippet: (\\w+) -->");
  private static final Pattern PRINTS = Pattern.compile("// prints (.*)$");
  private static final Pattern MAIN_CLASS = Pattern.compile("(?m)^.*?\\bclass (\\w+)");

  enum Kind {
    COMPILE,
    RUN,
    MEMBERS,
    PROGRAM;

    boolean runs() {
      return this == RUN || this == PROGRAM;
    }
  }

  /** Returns the snippets of a page. */
  static List<Snippet> in(String page, List<String> lines) {
    List<Snippet> snippets = new ArrayList<>();
    String above = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.strip().startsWith("```")) {
        int end = endOfFence(page, lines, i);
        if (line.strip().equals("```java")) {
          Kind kind = kind(page, i, above);
          snippets.add(new Snippet(page, i + 2, kind, List.copyOf(lines.subList(i + 1, end))));
        }
        i = end;
      }
      above = lines.get(i);
    }
    return snippets;
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
    Matcher mark = MARK.matcher(above.strip());
    try {
      return mark.matches() ? Kind.valueOf(mark.group(1).toUpperCase(Locale.ROOT)) : Kind.COMPILE;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(page + ":" + index + ": no such kind: " + above, e);
    }
  }

  /** Returns a package of its own, so that the types of snippets do not meet. */
  String packageName() {
    return "snippets." + page.replaceAll("\\W", "_") + "_" + line;
  }

  String className() {
    return packageName() + "." + (kind == Kind.PROGRAM ? mainClass() : "Snippet");
  }

  private String mainClass() {
    Matcher matcher = MAIN_CLASS.matcher(String.join("\n", code));
    if (!matcher.find()) {
      throw new IllegalArgumentException(this + ": a program without a class");
    }
    return matcher.group(1);
  }

  /** Returns a source file in which each line of code has the number that it has in the page. */
  String source(String redisUri) {
    String imports = code.stream().filter(Snippet::isImport).collect(Collectors.joining());
    String body =
        code.stream()
            .map(text -> kind != Kind.PROGRAM && isImport(text) ? "" : text)
            .collect(Collectors.joining("\n"))
            .replace(LOCAL_REDIS, redisUri);
    String above = "\n".repeat(line - 1);
    return switch (kind) {
      case PROGRAM -> "package " + packageName() + ";" + above + body;
      case MEMBERS -> opening(imports) + "{" + above + body + "\n}";
      default ->
          opening(imports)
              + "{ @Override public void run() throws Exception {"
              + above
              + body
              + "\n}}";
    };
  }

  private String opening(String imports) {
    return "package "
        + packageName()
        + ";"
        + SnippetScope.IMPORTS
        + imports
        + "public class Snippet extends "
        + SnippetScope.class.getName();
  }

  private static boolean isImport(String line) {
    return line.startsWith("import ");
  }

  /** Returns what the snippet says it prints. */
  List<String> prints() {
    return code.stream()
        .map(PRINTS::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1).strip())
        .toList();
  }

  @Override
  public String toString() {
    return page + ":" + line;
  }
}
