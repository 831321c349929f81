package io.cacheaside.fuzzing;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What is fuzzed. */
@SuppressWarnings("ImmutableEnumChecker")
enum Target {
  STATES(States.class, States::fuzzerTestOneInput, 512),
  WRITES(Writes.class, Writes::fuzzerTestOneInput, 1024),
  READS(Reads.class, Reads::fuzzerTestOneInput, 512),
  KEYS(Keys.class, Keys::fuzzerTestOneInput, 256),
  GLOBS(Globs.class, Globs::fuzzerTestOneInput, 256),
  TEXTS(Texts.class, Texts::fuzzerTestOneInput, 256),
  JSON(Json.class, Json::fuzzerTestOneInput, 1024, "tools.jackson.core.**"),
  MESSAGE_PACK(MessagePack.class, MessagePack::fuzzerTestOneInput, 1024, "org.msgpack.**"),
  GZIP(Gzip.class, Gzip::fuzzerTestOneInput, 512),
  ZSTD(Zstd.class, Zstd::fuzzerTestOneInput, 512),
  ENCRYPTION(Encryption.class, Encryption::fuzzerTestOneInput, 256),
  REDIS_URIS(RedisUris.class, RedisUris::fuzzerTestOneInput, 128),
  PROPERTIES(Properties.class, Properties::fuzzerTestOneInput, 128);

  private static final String OURS = "io.cacheaside.**";

  private final Class<?> type;
  private final Consumer<byte[]> test;
  private final int maxBytes;
  private final List<String> libraries;

  /**
   * Creates a target.
   *
   * @param test throws what Jazzer takes for a finding: anything
   * @param maxBytes of an input
   * @param libraries whose coverage counts beside ours
   */
  Target(Class<?> type, Consumer<byte[]> test, int maxBytes, String... libraries) {
    this.type = type;
    this.test = test;
    this.maxBytes = maxBytes;
    this.libraries = List.of(libraries);
  }

  /** Returns the target of a name, such as {@code redis-uris}. */
  static Target named(String name) {
    return Arrays.stream(values())
        .filter(target -> target.label().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no target is named " + name));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Class<?> type() {
    return type;
  }

  int maxBytes() {
    return maxBytes;
  }

  /** Returns which classes are watched for coverage. */
  Stream<String> instrumented() {
    return Stream.concat(Stream.of(OURS), libraries.stream());
  }

  /** Feeds it one input; fails if that breaks anything. */
  void test(byte[] input) {
    test.accept(input);
  }
}
