package io.cacheaside.verification.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pages of the documentation, and the other files of the project that they are held against.
 */
final class Documents {
  private static final Path ROOT = root();

  private Documents() {}

  private static Path root() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("mvnw"))) {
        return at;
      }
    }
    throw new IllegalStateException("no folder with mvnw at or above the working directory");
  }

  /** Returns the names of README.md and its neighbours, and of everything below docs/. */
  static List<String> pages() {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(Documents::isPage)
          .map(Documents::name)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPage(Path file) {
    return file.getFileName().toString().endsWith(".md");
  }

  /** Returns the Java sources of all modules, tests included. */
  static List<Path> sources() {
    try (Stream<Path> files = Files.find(ROOT, Integer.MAX_VALUE, (f, a) -> isSource(f))) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSource(Path file) {
    return file.toString().endsWith(".java") && file.toString().contains("/src/");
  }

  private static String name(Path file) {
    return ROOT.relativize(file).toString();
  }

  /** Returns the file of that name, which may be a page or not, or not be there. */
  static Path file(String name) {
    return ROOT.resolve(name);
  }

  static String text(String name) {
    return text(file(name));
  }

  static List<String> lines(String name) {
    return text(name).lines().toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
