package io.cacheaside.verification.platform;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.redis.RedisConnectException;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lettuce and Netty in versions that fit, or do not, or cannot be found out. */
@Tag("redis")
@Tag("full")
class ClientVersionsTest {
  private static final String LETTUCE = "io.lettuce/lettuce-core";
  private static final String NEEDED =
      "cache-aside-redis needs Lettuce 6.6 to 6.8 with Netty 4.1 or 4.2, or Lettuce 7.0 to 7.7"
          + " with Netty 4.2: set lettuce.version and netty.version (Spring Boot), or the versions"
          + " of io.lettuce:lettuce-core and io.netty:netty-bom in your dependency management";

  private final RedisServer server = SharedServers.redis(ServerBinary.BUNDLED);

  @TempDir Path folder;

  private void connect(Application application) throws Throwable {
    try {
      Class<?> store = application.loadClass(RedisStore.class.getName());
      AutoCloseable connected =
          (AutoCloseable) store.getMethod("connect", String.class).invoke(null, server.uri());
      connected.close();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.5.5.RELEASE", "5.3.7.RELEASE", "8.0.0.RELEASE", "8.0.0-M1", "10.1"})
  void aLettuceOutsideTheRangeIsRefusedInOneSentence(String version) throws Exception {
    try (Application application = new Application(folder, "")) {
      application.with(LETTUCE, "version=" + version);

      assertThatThrownBy(() -> connect(application))
          .hasMessageStartingWith("Found Lettuce " + version + " and Netty 4.")
          .hasMessageEndingWith(", but " + NEEDED)
          .extracting(failure -> failure.getClass().getName())
          .isEqualTo(RedisConnectException.class.getName());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.6.0.RELEASE", "6.10.0.RELEASE", "7.7.3.RELEASE", "7.12.0.RELEASE"})
  void aLettuceInsideTheRangeOrOfALaterMinorVersionConnects(String version) throws Throwable {
    try (Application application = new Application(folder, "")) {
      connect(application.with(LETTUCE, "version=" + version));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "version=", "version=${revision}", "version=\\u00zz"})
  void aLettuceOfUnknownVersionConnectsIfItsClassesFit(String properties) throws Throwable {
    try (Application application = new Application(folder, "")) {
      connect(application.with(LETTUCE, properties));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.netty.channel.nio.NioEventLoopGroup",
        "io.netty.util.HashedWheelTimer",
        "io.lettuce.core.resource.IOUringProvider"
      })
  void aMissingClassFailsWithTheSameSentence(String missing) throws Exception {
    try (Application application = new Application(folder, missing)) {
      application.with(LETTUCE, "").with("io.netty/netty-transport", "version=4.1.99.Final");

      assertThatThrownBy(() -> connect(application))
          .hasMessage("Found Lettuce of unknown version and Netty 4.1.99.Final, but " + NEEDED)
          .hasCauseInstanceOf(LinkageError.class);
    }
  }
}
