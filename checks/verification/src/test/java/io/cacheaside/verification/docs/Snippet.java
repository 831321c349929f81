package io.cacheaside.verification.docs;

import io.cacheaside.verification.docs.Fence.Kind;
import io.cacheaside.verification.docs.Fence.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A source file that has what a page shows, and no other name.
 *
 * <p>A program is a fence as it is, with the statements of later fences where it says {@link
 * #HERE}. Any other fence stands in a class that has the imports of the page down to that fence and
 * the members of the setups above it; statements stand in a method that may throw anything. A
 * snippet that connects to {@code redis://localhost:6379} gets a Redis of the test.
 *
 * @param page how the page is called
 * @param line the line of the page on which the code begins
 * @param imports the imports of the class
 * @param members further members of the class
 * @param code the code of the fence; a whole file if it is a program
 */
record Snippet(
    String page, int line, Kind kind, List<Line> imports, List<Line> members, List<Line> code) {
  static final String HERE = "// the snippets below go here";

  private static final String LOCAL_REDIS = "redis://localhost:6379";
  private static final Pattern PRINTS = Pattern.compile("// prints (.*)$");
  private static final Pattern MAIN_CLASS = Pattern.compile("(?m)^.*?\\bclass (\\w+)");

  boolean runs() {
    return kind == Kind.RUN || kind == Kind.PROGRAM;
  }

  /** Returns whether this is a program that takes statements of later fences. */
  boolean hasRoom() {
    return kind == Kind.PROGRAM && here() >= 0;
  }

  private int here() {
    return code.stream().map(line -> line.text().strip()).toList().indexOf(HERE);
  }

  /** Returns this program with the code of a later fence. */
  Snippet with(Fence fence) {
    List<Line> longer = new ArrayList<>(code);
    longer.addAll(here(), fence.body());
    longer.addAll(0, fence.imports());
    return withCode(longer);
  }

  /** Returns this snippet without the lines that have one of these words. */
  Snippet withoutLinesWith(List<String> words) {
    return withCode(
        code.stream().filter(line -> words.stream().noneMatch(line.text()::contains)).toList());
  }

  private Snippet withCode(List<Line> other) {
    return new Snippet(page, line, kind, imports, members, other);
  }

  /** Returns a package of its own, so that the types of snippets do not meet. */
  private String packageName() {
    return "snippets." + page.replaceAll("\\W", "_") + "_" + line;
  }

  /** Returns the class whose {@code main} runs the snippet. */
  String className() {
    return packageName() + "." + (kind == Kind.PROGRAM ? mainClass() : "Snippet");
  }

  private String mainClass() {
    Matcher matcher = MAIN_CLASS.matcher(text(code));
    if (!matcher.find()) {
      throw new IllegalArgumentException(this + ": a program without a class");
    }
    return matcher.group(1);
  }

  String source(String redisUri) {
    return text(source()).replace(LOCAL_REDIS, redisUri);
  }

  private static String text(List<Line> lines) {
    return lines.stream().map(Line::text).collect(Collectors.joining("\n"));
  }

  /** Returns the line of the page that has become a line of the source, both from 1. */
  int lineOfPage(long lineOfSource) {
    List<Line> source = source();
    boolean isLine = lineOfSource > 0 && lineOfSource <= source.size();
    return isLine ? source.get((int) lineOfSource - 1).number() : line;
  }

  private List<Line> source() {
    List<Line> source = new ArrayList<>();
    source.add(frame("package " + packageName() + ";"));
    source.addAll(imports);
    switch (kind) {
      case PROGRAM -> source.addAll(code);
      case STATEMENTS, RUN -> addClass(source, methodOfCode());
      default -> addClass(source, code);
    }
    return source;
  }

  private void addClass(List<Line> source, List<Line> body) {
    source.add(frame("class Snippet {"));
    source.addAll(members);
    source.addAll(body);
    source.add(frame("}"));
  }

  private List<Line> methodOfCode() {
    List<Line> method = new ArrayList<>();
    method.add(frame("public static void main(String... args) throws Exception {"));
    method.add(frame("new Snippet().run(); } void run() throws Exception {"));
    method.addAll(code);
    method.add(frame("}"));
    return method;
  }

  private Line frame(String text) {
    return new Line(line, text);
  }

  /** Returns what the snippet says it prints. */
  List<String> prints() {
    return code.stream()
        .map(line -> PRINTS.matcher(line.text()))
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1).strip())
        .toList();
  }

  @Override
  public String toString() {
    return page + ":" + line;
  }
}
