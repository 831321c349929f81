package io.cacheaside.kotlin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people write first in Kotlin compiles, and null is kept where it belongs. */
@Tag("api")
@Tag("full")
class KotlinLinesTest {
  @TempDir Path folder;

  @Test
  void theCompilerSaysOfEachLineWhatTheFileSays() throws IOException {
    assertThat(surprises(Line.in("kotlin.txt"))).isEmpty();
  }

  @Test
  void anErrorAWarningAndTheLackOfEitherAreNoticed() throws IOException {
    List<String> mistakes =
        List.of(
            "users.put(\"42\", null)",
            "if (ids != null) users.invalidateAll(ids)",
            "users.put(\"42\", team)",
            "    // actual type is 'Int'",
            "users.invalidateAll(ids)",
            "    // actual type is 'Int'");

    assertThat(surprises(Line.in("mistakes.txt", mistakes))).hasSize(4);
  }

  /** Returns the lines of which the compiler says something else, with what it says. */
  private List<String> surprises(List<Line> lines) throws IOException {
    return new LineCompiler(folder)
        .complaints(lines).entrySet().stream()
            .filter(said -> !said.getKey().isAsStated(said.getValue()))
            .map(said -> said.getKey() + " " + said.getValue())
            .toList();
  }
}
