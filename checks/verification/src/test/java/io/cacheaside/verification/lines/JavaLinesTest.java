package io.cacheaside.verification.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The lines that people write first compile without a warning, or are refused understandably. */
@Tag("api")
class JavaLinesTest {
  @Test
  void theCompilerSaysOfEachLineWhatTheFileSays() throws IOException {
    assertThat(surprises(Line.in("java.txt"))).isEmpty();
  }

  @Test
  void anErrorAWarningAndTheLackOfEitherAreNoticed() throws IOException {
    List<String> mistakes =
        List.of(
            "Team found = users.get(\"42\", repository::find);",
            "List<User> found = (List) ids;",
            "users.invalidateAll(7);",
            "    // int cannot be converted to Long",
            "users.invalidateAll(ids);",
            "    // int cannot be converted to String");

    assertThat(surprises(Line.in("mistakes.txt", mistakes))).hasSize(4);
  }

  /** Returns the lines of which the compiler says something else, with what it says. */
  private static List<String> surprises(List<Line> lines) throws IOException {
    try (LineCompiler compiler = new LineCompiler()) {
      return compiler.complaints(lines).entrySet().stream()
          .filter(said -> !said.getKey().isAsStated(said.getValue()))
          .map(said -> said.getKey() + " " + said.getValue())
          .toList();
    }
  }
}
