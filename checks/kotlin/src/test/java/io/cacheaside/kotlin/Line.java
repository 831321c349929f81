package io.cacheaside.kotlin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of one line, as it stands in a file of such lines.
 *
 * @param file the name of the file
 * @param number the line of that file, from 1
 * @param code the program
 * @param complaints what the compiler has to say of it; empty if it has to compile without a word
 */
record Line(String file, int number, String code, List<String> complaints) {
  private static final String COMPLAINT = "    // ";

  /** Reads a file: programs, below each of them its complaints; headings begin with {@code #}. */
  static List<Line> in(String file) throws IOException {
    return in(file, text(file).lines().toList());
  }

  static List<Line> in(String file, List<String> text) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < text.size(); i++) {
      String code = text.get(i);
      if (code.startsWith(COMPLAINT)) {
        lines.get(lines.size() - 1).complaints.add(code.substring(COMPLAINT.length()));
      } else if (!code.isBlank() && !code.startsWith("#")) {
        lines.add(new Line(file, i + 1, code, new ArrayList<>()));
      }
    }
    return lines;
  }

  static String text(String file) throws IOException {
    try (InputStream bytes = Line.class.getResourceAsStream(file)) {
      return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  boolean compiles() {
    return complaints.isEmpty();
  }

  /** Returns whether the compiler says what it has to: nothing, or all the complaints. */
  boolean isAsStated(List<String> said) {
    String all = String.join(" ", said);
    return compiles() ? said.isEmpty() : complaints.stream().allMatch(all::contains);
  }

  String className() {
    return "Line" + number;
  }

  @Override
  public String toString() {
    return file + ":" + number + ": " + code;
  }
}
