package io.cacheaside.jackson;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The versions of Jackson that an application brings.
 *
 * <p>Jackson 3 uses the annotations of Jackson 2, whose version a platform may manage on its own.
 * If they are too old, classes are missing, some of them only when a value is written.
 */
final class JacksonVersions {
  private JacksonVersions() {}

  /**
   * Returns Jackson's shared mapper.
   *
   * @throws IllegalStateException as {@link #check} says
   */
  static JsonMapper sharedMapper() {
    check();
    return JsonMapper.shared();
  }

  /**
   * Writes a value, Jackson's own version, to see whether everything is there.
   *
   * @throws IllegalStateException if Jackson or its annotations are too old
   */
  static void check() {
    try {
      DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ.enabledByDefault(); // Jackson 3.1
      JsonMapper mapper = JsonMapper.shared();
      mapper.writeValueAsBytes(mapper.version());
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "Found Jackson %s and jackson-annotations %s, but cache-aside-jackson needs Jackson 3.1"
                  .formatted(
                      version(JsonMapper.class, "tools.jackson.core/jackson-databind"),
                      version(JsonProperty.class, "com.fasterxml.jackson.core/jackson-annotations"))
              + " with jackson-annotations 2.21, or Jackson 3.2 with jackson-annotations 2.22:"
              + " set jackson-bom.version (Spring Boot), or the versions of"
              + " tools.jackson:jackson-bom and com.fasterxml.jackson.core:jackson-annotations in"
              + " your dependency management",
          e);
    }
  }

  private static String version(Class<?> library, String artifact) {
    Properties properties = new Properties();
    try (InputStream in =
        library.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException | IllegalArgumentException e) {
      return "of unknown version";
    }
    @Nullable String version = properties.getProperty("version");
    return version == null ? "of unknown version" : version;
  }
}
