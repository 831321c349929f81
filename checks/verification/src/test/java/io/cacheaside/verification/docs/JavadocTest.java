package io.cacheaside.verification.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The Javadoc that core publishes is about its API. */
@Tag("full")
class JavadocTest {
  private static final String ENGINE = "io.cacheaside.internal";

  @Test
  void noPageNamesTheEngine() throws IOException {
    List<String> pages = new ArrayList<>();
    List<String> naming = new ArrayList<>();
    try (JarFile jar = new JarFile(javadoc().toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        String text = new String(jar.getInputStream(entry).readAllBytes(), UTF_8);
        pages.add(entry.getName());
        if (text.contains(ENGINE) || entry.getName().contains(ENGINE.replace('.', '/'))) {
          naming.add(entry.getName());
        }
      }
    }

    assertThat(pages).anyMatch(page -> page.endsWith("io/cacheaside/CacheAside.html"));
    assertThat(naming).isEmpty();
  }

  private static Path javadoc() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(Documents.file("core/target"), "*-javadoc.jar")) {
      return jars.iterator().next();
    }
  }
}
