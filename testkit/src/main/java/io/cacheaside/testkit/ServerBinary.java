package io.cacheaside.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server program that tests can run: the one that comes with this module, and newer ones that the
 * build brings.
 *
 * <p>{@link #BUNDLED} works wherever this module does. The others are executables of the given
 * {@linkplain #fileName() file name} in the folder that the environment variable {@value
 * #FOLDER_VARIABLE} names or, without it, in the nearest folder {@value #FOLDER_NAME} at or above
 * the working directory. Tests skip the ones that are not there, unless {@value #REQUIRE_VARIABLE}
 * is {@code true}: then a missing one is an error, so that a build meant to run them all cannot
 * pass without.
 *
 * <p>To run a test on each:
 *
 * <pre>{@code
 * @ParameterizedTest
 * @MethodSource("io.cacheaside.testkit.ServerBinary#available")
 * void survivesARestart(ServerBinary binary) { ... }
 * }</pre>
 */
public enum ServerBinary {
  /**
   * Redis 7.0.15 out of the Maven artifact {@code org.signal:embedded-redis}; with TLS. For Linux
   * and macOS on x86-64 and ARM64, statically linked on Linux.
   */
  BUNDLED("redis-7.0"),
  /** Redis 8.0. */
  REDIS_8_0("redis-8.0"),
  /** Valkey 8.1. */
  VALKEY_8_1("valkey-8.1"),
  /** Valkey 8.0. */
  VALKEY_8_0("valkey-8.0");

  static final String FOLDER_VARIABLE = "CACHEASIDE_SERVERS";
  static final String REQUIRE_VARIABLE = "CACHEASIDE_REQUIRE_SERVERS";
  static final String FOLDER_NAME = ".servers";

  private final String fileName;

  ServerBinary(String fileName) {
    this.fileName = fileName;
  }

  /** The available programs, {@link #BUNDLED} first; errors as in {@link #isAvailable()}. */
  public static List<ServerBinary> available() {
    return Arrays.stream(values()).filter(ServerBinary::isAvailable).toList();
  }

  /** Product and version, as the executable's file is named. */
  public String fileName() {
    return fileName;
  }

  /**
   * Whether the program is there.
   *
   * @throws IllegalStateException it is missing although {@value #REQUIRE_VARIABLE} is {@code true}
   */
  public boolean isAvailable() {
    boolean found = this == BUNDLED ? BundledServer.isAvailable() : inFolder() != null;
    if (!found && Boolean.parseBoolean(System.getenv(REQUIRE_VARIABLE))) {
      throw missing();
    }
    return found;
  }

  /**
   * The executable's path.
   *
   * @throws IllegalStateException it is missing; the message says where it was looked for
   */
  Path path() {
    Path found = this == BUNDLED ? BundledServer.path() : inFolder();
    if (found == null) {
      throw missing();
    }
    return found;
  }

  private @Nullable Path inFolder() {
    Path folder = folder();
    return folder != null && Files.isExecutable(folder.resolve(fileName))
        ? folder.resolve(fileName)
        : null;
  }

  private static @Nullable Path folder() {
    String named = System.getenv(FOLDER_VARIABLE);
    return named == null ? nearestFolder() : Path.of(named).toAbsolutePath();
  }

  private static @Nullable Path nearestFolder() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(FOLDER_NAME))) {
        return at.resolve(FOLDER_NAME);
      }
    }
    return null;
  }

  private IllegalStateException missing() {
    if (this == BUNDLED) {
      return new IllegalStateException(
          BundledServer.resource() + " is not in org.signal:embedded-redis on the class path");
    }
    return new IllegalStateException(
        ("no executable %s: set %s to the folder that holds it"
                + " or put it into a folder %s at or above the working directory (looked in %s)")
            .formatted(fileName, FOLDER_VARIABLE, FOLDER_NAME, folder()));
  }

  /** {@inheritDoc} */
  @Override
  public String toString() {
    return fileName;
  }
}
