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

  /** Returns README.md and its neighbours, and everything below docs/. */
  static List<Path> pages() {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(Documents::isPage).sorted().toList();
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

  static Path page(String name) {
    return ROOT.resolve(name);
  }

  /** Returns how a page is called in a message. */
  static String name(Path file) {
    return ROOT.relativize(file).toString();
  }

  static List<String> lines(Path file) {
    return text(file).lines().toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
