package io.cacheaside.redis;

import io.cacheaside.store.StoreException.Reason;
import io.lettuce.core.RedisClient;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of Lettuce and Netty that an application brings, and those that a store runs on.
 *
 * <p>A version is read from what Maven leaves in each jar, which fat jars usually keep. (The
 * manifest would be that of the fat jar.) A version that is missing there is not refused: if the
 * classes do not fit, {@link #unfit} says so.
 */
record ClientVersions(@Nullable String lettuce, @Nullable String netty) {
  private static final Logger LOG = LoggerFactory.getLogger("io.cacheaside.redis.RedisStore");

  private static final Pattern MAJOR_MINOR = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");
  private static final int OLDEST = release(6, 6);
  private static final int NEWEST = release(7, 7);
  private static final int NEXT_MAJOR = release(8, 0);

  /** Returns the versions on the class path. */
  static ClientVersions found() {
    return new ClientVersions(
        version(RedisClient.class, "/META-INF/maven/io.lettuce/lettuce-core/pom.properties"),
        version(Channel.class, "/META-INF/maven/io.netty/netty-transport/pom.properties"));
  }

  private static @Nullable String version(Class<?> library, String resource) {
    Properties properties = new Properties();
    try (InputStream in = library.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.debug("{} cannot be read", resource, e);
    }
    return properties.getProperty("version");
  }

  /**
   * Refuses a Lettuce that is too old, or of a later major version. A later minor one should work,
   * as its changes are meant to be compatible.
   *
   * @throws RedisConnectException if it is one of these
   */
  void check() {
    Matcher version = MAJOR_MINOR.matcher(String.valueOf(lettuce));
    if (!version.matches()) {
      LOG.debug("The version of Lettuce is not known");
      return;
    }
    int release = release(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)));
    if (release < OLDEST || release >= NEXT_MAJOR) {
      throw unfit(null);
    }
    if (release > NEWEST) {
      LOG.warn("Lettuce {} is newer than 7.7, the newest version this was tested with", lettuce);
    }
  }

  /** Returns the failure to connect with libraries that do not fit. */
  RedisConnectException unfit(@Nullable LinkageError cause) {
    String message =
        "Found Lettuce %s and Netty %s, but cache-aside-redis needs Lettuce 6.6 to 6.8 with Netty"
                .formatted(named(lettuce), named(netty))
            + " 4.1 or 4.2, or Lettuce 7.0 to 7.7 with Netty 4.2: set lettuce.version and"
            + " netty.version (Spring Boot), or the versions of io.lettuce:lettuce-core and"
            + " io.netty:netty-bom in your dependency management";
    return new RedisConnectException(Reason.DISCONNECTED, message, cause);
  }

  private static String named(@Nullable String version) {
    return version == null ? "of unknown version" : version;
  }

  private static int release(int major, int minor) {
    return major * 10_000 + minor;
  }
}
