package io.cacheaside.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The redis-server that lies in the jar of {@code org.signal:embedded-redis}, unpacked by the first
 * use into a folder that goes with the JVM. None of that library's classes are used.
 */
final class BundledServer {

  private BundledServer() {}

  static boolean isAvailable() {
    return BundledServer.class.getClassLoader().getResource(resource()) != null;
  }

  /** Null if there is none for this machine. */
  static @Nullable Path path() {
    return isAvailable() ? Unpacked.PATH : null;
  }

  /** The resource's name for this machine, whether or not there is one. */
  static String resource() {
    return "redis-server-7.0.15-" + operatingSystem() + "-" + architecture();
  }

  private static String operatingSystem() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  private static Path unpack() {
    Path file = Guardian.instance().newLastingFolder("redis").resolve("redis-server");
    try (InputStream in = BundledServer.class.getClassLoader().getResourceAsStream(resource())) {
      Files.copy(Objects.requireNonNull(in), file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x------"));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + resource() + " to " + file, e);
    }
  }

  private static final class Unpacked {
    static final Path PATH = unpack();
  }
}
