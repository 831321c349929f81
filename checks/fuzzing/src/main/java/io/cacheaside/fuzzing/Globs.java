package io.cacheaside.fuzzing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.testkit.FakeTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code invalidateMatching} removes exactly what the matcher of Redis matches, here written down a
 * second time, and nothing of other caches.
 */
public final class Globs {
  private static final int MOST_KEYS = 4;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Globs() {}

  /** A pattern and then keys. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input in = new Input(bytes);
    byte[] pattern = utf8(in.text());
    Set<String> keys = new HashSet<>();
    while (in.left() > 0 && keys.size() < MOST_KEYS) {
      keys.add(new String(utf8(in.text()), UTF_8));
    }
    keys.remove("");
    test(pattern, keys);
  }

  /** Returns the UTF-8 form of a text, whatever it has. */
  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static void test(byte[] pattern, Set<String> keys) {
    InMemoryStore store = InMemoryStore.create();
    keys.forEach(key -> store.put("c:" + key, new byte[1], MINUTE));
    keys.forEach(key -> store.put("d:" + key, new byte[1], MINUTE));
    try (CacheAside<String, byte[]> cache =
        CacheAside.builder("c", Codec.bytes())
            .store(store)
            .environment(FakeTime.withHeldTasks())
            .build()) {
      long removed = cache.invalidateMatching(new String(pattern, UTF_8));
      long expected = keys.stream().filter(key -> matches(pattern, 0, utf8(key), 0)).count();
      Violation.unlessEqual("the count", removed, expected);
    }
    for (String key : keys) {
      boolean there = store.read("c:" + key).toCompletableFuture().join() != null;
      Violation.unlessEqual("<" + key + "> is there", there, !matches(pattern, 0, utf8(key), 0));
      boolean other = store.read("d:" + key).toCompletableFuture().join() != null;
      Violation.unless(other, "<%s> of another cache was removed", key);
    }
  }

  /** What the function stringmatchlen of Redis says, with a table instead of its recursion. */
  private static boolean matches(byte[] pattern, int from, byte[] text, int at) {
    return new Matcher(pattern, text).matches(from, at);
  }

  private static final class Matcher {
    private final byte[] pattern;
    private final byte[] text;
    private final boolean[] failed;

    Matcher(byte[] pattern, byte[] text) {
      this.pattern = pattern;
      this.text = text;
      this.failed = new boolean[(pattern.length + 1) * (text.length + 1)];
    }

    boolean matches(int p, int t) {
      int cell = p * (text.length + 1) + t;
      if (failed[cell]) {
        return false;
      }
      boolean matches = tried(p, t);
      failed[cell] = !matches;
      return matches;
    }

    private boolean tried(int p, int t) {
      if (p >= pattern.length) {
        return t == text.length;
      }
      if (pattern[p] == '*') {
        return matches(p + 1, t) || (t < text.length && matches(p, t + 1));
      }
      if (t == text.length) {
        return false;
      }
      return switch (pattern[p]) {
        case '?' -> matches(p + 1, t + 1);
        case '[' -> inSet(p + 1, t);
        case '\\' -> {
          int literal = p + 1 < pattern.length ? p + 1 : p;
          yield pattern[literal] == text[t] && matches(literal + 1, t + 1);
        }
        default -> pattern[p] == text[t] && matches(p + 1, t + 1);
      };
    }

    private boolean inSet(int start, int t) {
      int p = start;
      boolean not = p < pattern.length && pattern[p] == '^';
      if (not) {
        p++;
      }
      boolean found = false;
      while (p < pattern.length && pattern[p] != ']') {
        if (pattern[p] == '\\' && p + 1 < pattern.length) {
          found |= pattern[p + 1] == text[t];
          p += 2;
        } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
          byte[] ends = {pattern[p], pattern[p + 2]};
          Arrays.sort(ends);
          found |= ends[0] <= text[t] && text[t] <= ends[1];
          p += 3;
        } else {
          found |= pattern[p] == text[t];
          p++;
        }
      }
      return found != not && matches(Math.min(p + 1, pattern.length), t + 1);
    }
  }
}
