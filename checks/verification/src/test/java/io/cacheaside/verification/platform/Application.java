package io.cacheaside.verification.platform;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * An application with all classes of this JVM's class path once more, except one, and with files of
 * its own before all others.
 */
final class Application extends URLClassLoader {
  private final Path files;
  private final String missing;

  /** Creates an application that lacks one class; the empty name is no class. */
  Application(Path files, String missing) {
    super(urls(files), ClassLoader.getPlatformClassLoader());
    this.files = files;
    this.missing = missing;
  }

  private static URL[] urls(Path files) {
    String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator);
    return Stream.concat(Stream.of(files), Arrays.stream(classPath).map(Path::of))
        .map(Application::url)
        .toArray(URL[]::new);
  }

  private static URL url(Path entry) {
    try {
      return entry.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Replaces what Maven says of an artifact. */
  Application with(String artifact, String properties) throws IOException {
    Path file = files.resolve("META-INF/maven/" + artifact + "/pom.properties");
    Files.createDirectories(file.getParent());
    Files.writeString(file, properties);
    return this;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (name.equals(missing)) {
      throw new ClassNotFoundException(name);
    }
    return super.findClass(name);
  }
}
