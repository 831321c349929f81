package io.cacheaside.verification.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.store.InMemoryStore;
import io.cacheaside.testkit.RedisServer;
import io.cacheaside.testkit.ServerBinary;
import io.cacheaside.testkit.SharedServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The in-memory store removes exactly the keys that a server finds for the same pattern. */
@Tag("redis")
@Tag("full")
class GlobsOnServersTest {
  private static final int PATTERNS_PER_CALL = 100;
  private static final Duration TTL = Duration.ofHours(1);

  /** How a range goes from ASCII to other bytes depends on the server's processor, so none does. */
  private static final List<String> PATTERN_ALPHABETS = List.of("ab-]^[\\*?c", "abé日]^[\\*?");

  private static final String KEY_ALPHABET = "ab-]^[\\*?cé_`日";

  private final Random random = new Random(4);
  private final String prefix = UUID.randomUUID() + ":";

  @ParameterizedTest
  @MethodSource("io.cacheaside.testkit.ServerBinary#available")
  void agreeWithTheServer(ServerBinary binary) {
    RedisServer server = SharedServers.redis(binary);
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      keys.add(prefix + text(KEY_ALPHABET, 5));
    }
    server.command(
        Stream.concat(Stream.of("MSET"), keys.stream().flatMap(key -> Stream.of(key, "state")))
            .toArray(String[]::new));

    int found = 0;
    for (int round = 0; round < 20; round++) {
      String alphabet = PATTERN_ALPHABETS.get(round % PATTERN_ALPHABETS.size());
      List<String> globs = new ArrayList<>();
      for (int i = 0; i < PATTERNS_PER_CALL; i++) {
        globs.add(text(alphabet, 9));
      }
      List<Set<String>> matches = matches(server, globs);
      for (int i = 0; i < PATTERNS_PER_CALL; i++) {
        assertThat(removed(keys, globs.get(i))).as(globs.get(i)).isEqualTo(matches.get(i));
        found += matches.get(i).isEmpty() ? 0 : 1;
      }
    }

    assertThat(found).isGreaterThan(200);
    server.command(Stream.concat(Stream.of("DEL"), keys.stream()).toArray(String[]::new));
  }

  private List<Set<String>> matches(RedisServer server, List<String> globs) {
    String script =
        "local found = {} "
            + "for i, pattern in ipairs(ARGV) do found[i] = redis.call('KEYS', pattern) end "
            + "return found";
    Object reply =
        server.command(
            Stream.concat(Stream.of("EVAL", script, "0"), globs.stream().map(prefix::concat))
                .toArray(String[]::new));
    return ((List<?>) reply)
        .stream()
            .<Set<String>>map(
                keys -> {
                  Set<String> texts = new HashSet<>();
                  ((List<?>) keys).forEach(key -> texts.add((String) key));
                  return texts;
                })
            .toList();
  }

  private Set<String> removed(Set<String> keys, String glob) {
    try (InMemoryStore store = InMemoryStore.create()) {
      keys.forEach(key -> store.put(key, new byte[0], TTL));
      long count = store.removeMatching(prefix, glob).toCompletableFuture().join();
      Set<String> removed = new HashSet<>(keys);
      removed.removeIf(key -> store.read(key).toCompletableFuture().join() != null);
      assertThat(count).isEqualTo(removed.size());
      return removed;
    }
  }

  private String text(String alphabet, int maxLength) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(maxLength + 1); length > 0; length--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
