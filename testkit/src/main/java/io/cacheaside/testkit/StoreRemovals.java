package io.cacheaside.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Removal by prefix and pattern. */
abstract class StoreRemovals extends StoreRaces {
  private static final List<String> RESTS =
      List.of(
          "", "a", "b", "c", "-", "]", "[", "^", "*", "?", "\\", "ab", "abc", "acb", "a*", "a]",
          "^]", "[a]", "a\\b", "{a}", "a:b", "a b", "a\nb", "é", "日本");

  @ParameterizedTest
  @MethodSource("patterns")
  void removesWhatMatchesTheGlob(String glob, List<String> matching) throws Exception {
    String prefix = key("glob:");
    putAll(RESTS.stream().map(prefix::concat).toList(), "state");

    long removed = await(store().removeMatching(prefix, glob));

    assertThat(missing(prefix, RESTS)).containsExactlyInAnyOrderElementsOf(matching);
    assertThat(removed).isEqualTo(matching.size());
  }

  static Stream<Arguments> patterns() {
    return Stream.of(
        pattern("*", RESTS.toArray(String[]::new)),
        pattern("", ""),
        pattern("**", RESTS.toArray(String[]::new)),
        pattern("a", "a"),
        pattern("a*", "a", "ab", "abc", "acb", "a*", "a]", "a\\b", "a:b", "a b", "a\nb"),
        pattern("*b", "b", "ab", "acb", "a\\b", "a:b", "a b", "a\nb"),
        pattern("a*b", "ab", "acb", "a\\b", "a:b", "a b", "a\nb"),
        pattern("*c*", "c", "abc", "acb"),
        pattern("?", "a", "b", "c", "-", "]", "[", "^", "*", "?", "\\"),
        pattern("??", "ab", "a*", "a]", "^]", "é"),
        pattern("a?b", "acb", "a\\b", "a:b", "a b", "a\nb"),
        pattern("??????", "日本"),
        pattern("日*", "日本"),
        pattern("[ab]", "a", "b"),
        pattern("[a-c]", "a", "b", "c"),
        pattern("[c-a]", "a", "b", "c"),
        pattern("[-a]", "-", "a"),
        pattern("[^a-c]", "-", "]", "[", "^", "*", "?", "\\"),
        pattern("[a^]", "a", "^"),
        pattern("[^^]", "a", "b", "c", "-", "]", "[", "*", "?", "\\"),
        pattern("[*?]", "*", "?"),
        pattern("[\\]\\-]", "]", "-"),
        pattern("[]"),
        pattern("[^]", "a", "b", "c", "-", "]", "[", "^", "*", "?", "\\"),
        pattern("[a-]]", "a", "]", "^"),
        pattern("[ab", "a", "b"),
        pattern("[a-", "a", "-"),
        pattern("["),
        pattern("\\*", "*"),
        pattern("\\?", "?"),
        pattern("\\[a]", "[a]"),
        pattern("\\\\", "\\"),
        pattern("\\", "\\"),
        pattern("a\\\\b", "a\\b"),
        pattern("a\\b", "ab"),
        pattern("{a}", "{a}"),
        pattern("A"));
  }

  private static Arguments pattern(String glob, String... matching) {
    return Arguments.of(glob, List.of(matching));
  }

  @ParameterizedTest
  @CsvSource({
    "p*q, pZZq",
    "p?q, pZq",
    "p[a]q, paq",
    "p[^a]q, pbq",
    "p[a-c]q, pbq",
    "p\\q, pq",
    "p\\\\q, p\\q",
    "p{a}q, paq",
    "p]q, pq",
    "p^q, pq",
    "p-q, pq",
    "pé日q, péq",
    "p q, pq",
  })
  void takesThePrefixLiterally(String prefix, String lookalike) throws Exception {
    String literal = key(prefix + ":");
    String other = key(lookalike + ":");
    putAll(List.of(literal + "1", literal + "2", other + "1"), "state");

    assertThat(await(store().removeMatching(literal, "*"))).isEqualTo(2);

    assertThat(missing(literal, List.of("1", "2"))).containsExactly("1", "2");
    assertState(other + "1", "state");
  }

  @Test
  void takesThePrefixOnlyAtTheBeginning() throws Exception {
    String inside = key("x:" + key("inside:"));
    putAll(List.of(key("inside:1"), inside), "state");

    assertThat(await(store().removeMatching(key("inside:"), "*"))).isEqualTo(1);

    assertState(inside, "state");
  }

  @Test
  void removesNothingWhereNothingMatches() throws Exception {
    assertThat(await(store().removeMatching(key("none:"), "*"))).isZero();
  }

  @Test
  void removingAgainFindsNothing() throws Exception {
    putAll(keys("again:", 20), "state");

    assertThat(await(store().removeMatching(key("again:"), "*"))).isEqualTo(20);
    assertThat(await(store().removeMatching(key("again:"), "*"))).isZero();
  }

  @Test
  void removesThousandsOfKeysAndAnswersMeanwhile() throws Exception {
    putAll(keys("many:", 5_000), "state");
    putAll(keys("kept:", 1_000), "state");

    CompletableFuture<Long> removal =
        store().removeMatching(key("many:"), "*[02468]").toCompletableFuture();
    do {
      assertState(key("kept:7"), "state");
    } while (!removal.isDone());

    assertThat(await(removal)).isEqualTo(2_500);
    assertThat(missing(key("many:"), numbers(5_000)))
        .hasSize(2_500)
        .allMatch(number -> Integer.parseInt(number) % 2 == 0);
    assertThat(missing(key("kept:"), numbers(1_000))).isEmpty();
  }

  @Test
  void removesKeysWhoseStatesChangeMeanwhile() throws Exception {
    List<String> keys = keys("changing:", 2_000);
    putAll(keys, "stamp:state");

    List<Long> removed =
        race(
            2,
            own ->
                own == 0
                    ? await(store().removeMatching(key("changing:"), "*"))
                    : changeUntilRemoved(keys));

    assertThat(removed.get(0)).isEqualTo(2_000);
    assertThat(missing(key("changing:"), numbers(2_000))).hasSize(2_000);
  }

  @Test
  void removesWhatIsNotAState() throws Exception {
    putForeign(key("foreign:1"));
    put(key("foreign:2"), "state");

    assertThat(await(store().removeMatching(key("foreign:"), "*"))).isEqualTo(2);

    assertThat(missing(key("foreign:"), List.of("1", "2"))).hasSize(2);
  }

  /** Swaps the state of every key again and again until all are gone; never brings one back. */
  private long changeUntilRemoved(List<String> keys) throws Exception {
    List<String> left = keys;
    while (!left.isEmpty()) {
      List<String> tried = left;
      List<Boolean> swapped =
          forEach(left, key -> store().swap(key, bytes("stamp:"), bytes("stamp:changed"), LONG));
      left = IntStream.range(0, tried.size()).filter(swapped::get).mapToObj(tried::get).toList();
    }
    return 0;
  }

  private List<String> missing(String prefix, List<String> rests) throws Exception {
    List<byte @Nullable []> states = forEach(rests, rest -> store().read(prefix + rest));
    return IntStream.range(0, rests.size())
        .filter(i -> states.get(i) == null)
        .mapToObj(rests::get)
        .toList();
  }

  private List<String> keys(String prefix, int count) {
    return numbers(count).stream().map(number -> key(prefix + number)).toList();
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }
}
