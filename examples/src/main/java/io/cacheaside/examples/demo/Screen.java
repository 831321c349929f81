package io.cacheaside.examples.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What the user reads: plain ASCII, with a little colour where there is a terminal. */
final class Screen {
  private static final String INDENT = "   ";

  private final PrintStream out;
  private final boolean coloured;

  Screen(PrintStream out, boolean coloured) {
    this.out = out;
    this.coloured = coloured;
  }

  /** Prints a line as it is. */
  void plain(String line) {
    out.println(line);
    out.flush();
  }

  void heading(int number, String title) {
    plain("");
    plain(styled("1", number + ". " + title));
  }

  /** Prints what happens, or was seen. */
  void say(String format, Object... arguments) {
    plain(INDENT + String.format(Locale.ROOT, format, arguments));
  }

  void code(List<String> lines) {
    plain("");
    lines.forEach(line -> plain(INDENT + "  | " + styled("36", line)));
    plain("");
  }

  void verdict(Evidence evidence) {
    String verdict = evidence.isAsClaimed() ? styled("32", "ok") : styled("1;31", "NOT SHOWN");
    plain(INDENT + "=> " + verdict + ": " + evidence);
  }

  /** Returns a duration in milliseconds, to be read by people. */
  static String millis(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    return String.format(Locale.ROOT, millis < 100 ? "%.2f ms" : "%,.0f ms", millis);
  }

  private String styled(String style, String text) {
    return coloured ? "\033[" + style + "m" + text + "\033[0m" : text;
  }
}
