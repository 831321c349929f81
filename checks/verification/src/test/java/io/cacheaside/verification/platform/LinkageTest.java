package io.cacheaside.verification.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cacheaside.CacheAside;
import io.cacheaside.jackson.JsonCodec;
import io.cacheaside.msgpack.MessagePackCodec;
import io.cacheaside.redis.RedisStore;
import io.cacheaside.zstd.ZstdCodec;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The libraries are compiled once, and run with whatever versions of other libraries an application
 * brings. So nothing that their classes refer to may be missing there.
 */
@Tag("unit")
@Tag("redis")
class LinkageTest {
  @ParameterizedTest
  @ValueSource(
      classes = {
        CacheAside.class,
        RedisStore.class,
        JsonCodec.class,
        MessagePackCodec.class,
        ZstdCodec.class
      })
  void everythingThatALibraryRefersToIsThere(Class<?> oneOfIt) throws Exception {
    Set<Symbol> symbols = Symbol.usedBy(oneOfIt);

    assertThat(symbols).isNotEmpty();
    assertThat(symbols).filteredOn(symbol -> !symbol.isThere()).isEmpty();
  }

  /** A run on other versions says which; see the profiles of this module. */
  @Test
  void theTestsRunOnTheVersionThatTheyAreMeantToRunOn() throws IOException {
    String meant = System.getProperty("lettuce.version");
    assumeThat(meant).isNotNull();
    Properties found = new Properties();
    try (InputStream in =
        RedisClient.class.getResourceAsStream(
            "/META-INF/maven/io.lettuce/lettuce-core/pom.properties")) {
      found.load(in);
    }

    assertThat(found).containsEntry("version", meant);
  }
}
