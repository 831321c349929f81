package io.cacheaside.verification.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lettuce and Netty in versions that fit, or do not, or cannot be found out. */
@Tag("redis")
class ClientVersionsTest {
  private static final String NEEDED =
      "cache-aside-redis needs Lettuce 6.6 to 6.8 with Netty 4.1 or 4.2, or Lettuce 7.0 to 7.7"
          + " with Netty 4.2: set lettuce.version and netty.version (Spring Boot), or the versions"
          + " of io.lettuce:lettuce-core and io.netty:netty-bom in your dependency management";

  private final RedisServer server = SharedServers.redis(ServerBinary.BUNDLED);

  @TempDir Path folder;

  /** Has all classes of this test's class path once more, except one. */
  private static final class Application extends URLClassLoader {
    private final String missing;

    Application(Path first, String missing) {
      super(urls(first), ClassLoader.getPlatformClassLoader());
      this.missing = missing;
    }

    private static URL[] urls(Path first) {
      String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator);
      return Stream.concat(Stream.of(first), Arrays.stream(classPath).map(Path::of))
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

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.equals(missing)) {
        throw new ClassNotFoundException(name);
      }
      return super.findClass(name);
    }

    void connect(String uri) throws Throwable {
      try {
        Class<?> store = loadClass(RedisStore.class.getName());
        AutoCloseable connected =
            (AutoCloseable) store.getMethod("connect", String.class).invoke(null, uri);
        connected.close();
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  private Application application(String lettuceProperties, String missing) throws IOException {
    Path file = folder.resolve("META-INF/maven/io.lettuce/lettuce-core/pom.properties");
    Files.createDirectories(file.getParent());
    Files.writeString(file, lettuceProperties);
    return new Application(folder, missing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.5.5.RELEASE", "5.3.7.RELEASE", "8.0.0.RELEASE", "8.0.0-M1", "10.1"})
  void aLettuceOutsideTheRangeIsRefusedInOneSentence(String version) throws Exception {
    try (Application application = application("version=" + version, "")) {
      assertThatThrownBy(() -> application.connect(server.uri()))
          .extracting(failure -> failure.getClass().getName(), Throwable::getMessage)
          .satisfies(
              failure -> {
                assertThat(failure.get(0)).isEqualTo(RedisConnectException.class.getName());
                assertThat(String.valueOf(failure.get(1)))
                    .startsWith("Found Lettuce " + version + " and Netty 4.")
                    .endsWith(", but " + NEEDED);
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.6.0.RELEASE", "6.10.0.RELEASE", "7.7.3.RELEASE", "7.12.0.RELEASE"})
  void aLettuceInsideTheRangeOrOfALaterMinorVersionConnects(String version) throws Throwable {
    try (Application application = application("version=" + version, "")) {
      application.connect(server.uri());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "version=", "version=${revision}", "version=\\u00zz"})
  void aLettuceOfUnknownVersionConnectsIfItsClassesFit(String properties) throws Throwable {
    try (Application application = application(properties, "")) {
      application.connect(server.uri());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.netty.channel.nio.NioEventLoopGroup",
        "io.netty.util.HashedWheelTimer",
        "io.lettuce.core.resource.IOUringProvider"
      })
  void classesThatDoNotFitAreNamedInOneSentence(String missing) throws Exception {
    try (Application application = application("", missing)) {
      assertThatThrownBy(() -> application.connect(server.uri()))
          .hasMessageStartingWith("Found Lettuce of unknown version and Netty 4.")
          .hasMessageEndingWith(", but " + NEEDED)
          .hasCauseInstanceOf(LinkageError.class);
    }
  }
}
