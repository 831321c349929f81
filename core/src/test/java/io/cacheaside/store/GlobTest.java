package io.cacheaside.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlobTest {

  @ParameterizedTest
  @CsvSource(
      value = {
        "abc, abc, true",
        "abc, abd, false",
        "abc, ab, false",
        "abc, abcd, false",
        "*, anything, true",
        "*, '', true",
        "**, '', true",
        "'', '', true",
        "'', a, false",
        "?, '', false",
        "?, a, true",
        "?, ab, false",
        "a*c, abbbc, true",
        "a*c, ac, true",
        "a*c, abcb, false",
        "*a*b*, xxaxxbxx, true",
        "*a*b*, xxbxxaxx, false",
        "*ab, aab, true",
        "*aab, aaaab, true",
        "a**b***, ab, true",
        "a*?, ab, true",
        "a*?, a, false",
        "a?*, abc, true",
      })
  void starsAndQuestionMarks(String pattern, String text, boolean expected) {
    assertThat(matches(pattern, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "[abc], b, true",
    "[abc], d, false",
    "[abc], ab, false",
    "[a-c], b, true",
    "[a-c], -, false",
    "[c-a], b, true",
    "[ac-], -, false",
    "[ac-], ^, true",
    "[-ac], -, true",
    "[a-cx-z], y, true",
    "[a-cx-z], m, false",
    "[^a], b, true",
    "[^a], a, false",
    "[^a-c], b, false",
    "[a^], ^, true",
    "[^^], ^, false",
    "[*?], *, true",
    "[*?], a, false",
    "x[a]y, xay, true",
    "[[], [, true",
  })
  void sets(String pattern, String text, boolean expected) {
    assertThat(matches(pattern, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "[], a, false",
    "[], ], false",
    "[]a], a, false",
    "[]a], ]a], false",
    "[^], a, true",
    "[^], ab, false",
    "[^]a], xa], true",
    "[, a, false",
    "[, [, false",
    "[^, a, true",
    "[^, ab, false",
    "[a, a, true",
    "[ab, b, true",
    "[a, [a, false",
    "[a-, -, true",
    "[a-, a, true",
    "[a-], ^, true",
    "[a-], a, true",
    "[a-], -, false",
    "[a-]x, x, true",
    "[a-\\]], ^], true",
    "[a-\\], ^, true",
    "[a-\\], a, true",
    "x[, x, false",
    "x[^, xy, true",
  })
  void emptyAndUnterminatedSets(String pattern, String text, boolean expected) {
    assertThat(matches(pattern, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "\\*, *, true",
    "\\*, a, false",
    "\\?, ?, true",
    "\\[a], [a], true",
    "\\\\, \\, true",
    "\\a, a, true",
    "a\\, a\\, true",
    "a\\, a, false",
    "[\\]], ], true",
    "[\\^a], ^, true",
    "[\\a-c], b, false",
    "[\\a-c], -, true",
    "[\\, \\, true",
    "[\\], ], true",
    "[\\\\], \\, true",
    "\\**, *abc, true",
  })
  void escapes(String pattern, String text, boolean expected) {
    assertThat(matches(pattern, text)).isEqualTo(expected);
  }

  @Test
  void worksOnUtf8Bytes() {
    assertThat(matches("?", "é")).isFalse();
    assertThat(matches("??", "é")).isTrue();
    assertThat(matches("???", "日")).isTrue();
    assertThat(matches("*本", "日本")).isTrue();
    assertThat(matches("[é][é]", "é")).isTrue();
    assertThat(matches("[é]", "é")).isFalse();
    assertThat(matches("a?c", "a\nc")).isTrue();
    assertThat(matches("????", "😀")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a*", "*a", "?*", "[a-b]*", "*[^b]"})
  void manyStarsTakeNoExponentialTime(String part) {
    String pattern = part.repeat(2_000) + "z";

    assertThat(matches(pattern, "a".repeat(4_000))).isFalse();
    assertThat(matches(pattern, "a".repeat(4_000) + "z")).isTrue();
  }

  @Test
  void agreesWithTheRecursiveDefinition() {
    Random random = new Random(7);
    int matches = 0;
    for (int i = 0; i < 200_000; i++) {
      String pattern = text(random, "a*?b", 8);
      String text = text(random, "ab", 8);
      boolean expected = defined(pattern, text);
      matches += expected ? 1 : 0;
      assertThat(matches(pattern, text)).as("%s on %s", pattern, text).isEqualTo(expected);
    }
    assertThat(matches).isGreaterThan(1_000);
  }

  private static boolean defined(String pattern, String text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    String rest = pattern.substring(1);
    if (pattern.charAt(0) == '*') {
      return defined(rest, text) || (!text.isEmpty() && defined(pattern, text.substring(1)));
    }
    return !text.isEmpty()
        && (pattern.charAt(0) == '?' || pattern.charAt(0) == text.charAt(0))
        && defined(rest, text.substring(1));
  }

  private static String text(Random random, String alphabet, int maxLength) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(maxLength + 1); length > 0; length--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static boolean matches(String pattern, String text) {
    return Glob.compile(pattern).matches(text);
  }
}
