package io.cacheaside.simulation.mutants;

import io.cacheaside.simulation.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A mistake that is made on purpose in one source file, to see that the simulation notices.
 *
 * @param mistake what is wrong, in a few words
 * @param guarantees the numbers of the guarantees that it may break
 * @param file the source, from the folder of the project
 * @param text what is replaced in it; occurs exactly once, however it is broken into lines
 * @param replacement what stands there instead
 */
public record Mutant(
    String mistake, String guarantees, String file, String text, String replacement) {

  /** Returns the class that the mistake is in. */
  private String className() {
    return file.replaceAll(".*/java/|\\.java", "").replace('/', '.');
  }

  /** Returns the source with the mistake. */
  String source() throws IOException {
    String source = Files.readString(project().resolve(file));
    Matcher matcher = pattern().matcher(source);
    long found = matcher.results().count();
    if (found != 1) {
      throw new IllegalStateException(
          "the text of the mutant '" + mistake + "' is " + found + " times in " + file);
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(replacement));
  }

  private Pattern pattern() {
    return Pattern.compile(
        Arrays.stream(text.strip().split("\\s+"))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+")));
  }

  private static Path project() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("mvnw"))) {
        return at;
      }
    }
    throw new IllegalStateException("no folder with mvnw at or above the working directory");
  }

  /** Compiles the mistake. */
  MutantClasses compiled() throws IOException {
    return MutantClasses.of(className(), source());
  }

  /** Returns the first run that breaks a guarantee; null if none does. */
  @Nullable Run firstCaught(long seeds) throws IOException {
    LongFunction<Run> runner = compiled().runner();
    for (long seed = 0; seed < seeds; seed++) {
      Run run = runner.apply(seed);
      if (run.violation() != null) {
        return run;
      }
    }
    return null;
  }
}
