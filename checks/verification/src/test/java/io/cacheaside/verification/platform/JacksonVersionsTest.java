package io.cacheaside.verification.platform;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.jackson.JsonCodec;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jackson with annotations that are too old for it. */
@Tag("unit")
class JacksonVersionsTest {
  private static final String ANNOTATIONS = "com.fasterxml.jackson.core/jackson-annotations";

  @TempDir Path folder;

  private static void newCodec(Application application) throws Throwable {
    try {
      Class<?> codec = application.loadClass(JsonCodec.class.getName());
      codec.getMethod("of", Class.class).invoke(null, String.class);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com.fasterxml.jackson.annotation.JsonSerializeAs",
        "com.fasterxml.jackson.annotation.JsonInclude$Value",
        "com.fasterxml.jackson.annotation.JsonFormat$Value"
      })
  void missingAnnotationsAreNamedInOneSentenceEachTime(String missing) throws Exception {
    try (Application application = new Application(folder, missing)) {
      application
          .with(ANNOTATIONS, "version=2.19.2")
          .with("tools.jackson.core/jackson-databind", "version=3.1.4");

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> newCodec(application))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "Found Jackson 3.1.4 and jackson-annotations 2.19.2, but cache-aside-jackson needs"
                    + " Jackson 3.1 with jackson-annotations 2.21, or Jackson 3.2 with"
                    + " jackson-annotations 2.22: set jackson-bom.version (Spring Boot), or the"
                    + " versions of tools.jackson:jackson-bom and"
                    + " com.fasterxml.jackson.core:jackson-annotations in your dependency"
                    + " management")
            .hasCauseInstanceOf(LinkageError.class);
      }
    }
  }

  @Test
  void annotationsOfUnknownVersionAreUsedIfTheyFit() throws Throwable {
    try (Application application = new Application(folder, "")) {
      newCodec(application.with(ANNOTATIONS, ""));
    }
  }
}
