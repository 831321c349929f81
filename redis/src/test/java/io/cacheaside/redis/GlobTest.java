package io.cacheaside.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "cache:users:, cache:users:",
    "a*b?c, a\\*b\\?c",
    "[a-z], \\[a-z\\]",
    "a\\b, a\\\\b",
    "^-{}é日, ^-{}é日"
  })
  void whatAGlobTakesForSpecialIsEscaped(String text, String escaped) {
    assertThat(Glob.literally(text)).isEqualTo(escaped);
  }
}
