package io.cacheaside.examples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The lines of a class that are worth showing: those between {@code // snippet} and {@code // end}
 * in its own source, which lies beside it on the class path. What is shown is what runs.
 */
final class Snippet {
  private static final Pattern PART = Pattern.compile("(?s)// snippet\n(.*?)\n *// end");

  private Snippet() {}

  static List<String> of(Class<?> type) {
    return PART.matcher(source(type))
        .results()
        .flatMap(part -> part.group(1).stripIndent().lines())
        .toList();
  }

  private static String source(Class<?> type) {
    String name = type.getSimpleName() + ".java";
    try (InputStream in = type.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path beside its class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
