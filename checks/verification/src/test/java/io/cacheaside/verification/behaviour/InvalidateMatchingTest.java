package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.codec.Codec;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Invalidation by pattern: what it matches, what it never touches, and what it counts. */
@OnEveryStore
@Tag("edge")
class InvalidateMatchingTest extends CacheTest {
  private static final String SPECIAL = "*?[a-z]^\\{}:%";

  @Test
  void whatMatchesIsRemovedAndCounted() {
    CacheAside<String, String> cache = open();
    put(cache, "user:1", "user:2", "user:30", "order:1", "user");

    assertThat(cache.invalidateMatching("user:*")).isEqualTo(3);

    assertKept(cache, "order:1", "user");
    assertThat(cache.invalidateMatching("user:*")).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "user:?,   user:1 user:2",
    "user:[13]*, user:1 user:30",
    "user:[^1], user:2",
    "user:[2-9], user:2",
    "*1, user:1 order:1",
    "*er*, user:1 user:2 user:30 order:1 user",
    "user, user",
    "us, ''"
  })
  void globsMatchWholeKeys(String glob, String matching) {
    CacheAside<String, String> cache = open();
    List<String> all = List.of("user:1", "user:2", "user:30", "order:1", "user");
    put(cache, all.toArray(String[]::new));
    List<String> gone = matching.isEmpty() ? List.of() : List.of(matching.split(" "));

    assertThat(cache.invalidateMatching(glob)).isEqualTo(gone.size());

    assertThat(all).filteredOn(key -> cache.lookup(key).value().isEmpty()).hasSameElementsAs(gone);
  }

  @Test
  void specialCharactersOfKeysAreMatchedWhenEscaped() {
    CacheAside<String, String> cache = open();
    put(cache, "a*b", "axb", "a?b", "[ab]", "a", "a\\b");

    assertThat(cache.invalidateMatching("a\\*b")).isEqualTo(1);
    assertThat(cache.invalidateMatching("a\\?b")).isEqualTo(1);
    assertThat(cache.invalidateMatching("\\[ab\\]")).isEqualTo(1);
    assertThat(cache.invalidateMatching("a\\\\b")).isEqualTo(1);

    assertKept(cache, "axb", "a");
  }

  @Test
  void specialCharactersOfACachesNameAreTakenAsTheyAre() {
    CacheAside<String, String> special = openNamed(name + SPECIAL);
    CacheAside<String, String> similar = openNamed(name + "x?ya^\\{}:%");
    CacheAside<String, String> longer = openNamed(name + SPECIAL + "x");
    put(special, "1", "2");
    put(similar, "1");
    put(longer, "1");

    assertThat(special.invalidateMatching("*")).isEqualTo(2);

    assertKept(similar, "1");
    assertKept(longer, "1");
  }

  @Test
  void clearRemovesThisCacheOnly() {
    CacheAside<String, String> cache = openNamed(name + "a");
    CacheAside<String, String> longer = openNamed(name + "aa");
    CacheAside<String, String> sub = openNamed(name + "a:b");
    put(cache, "1", "b:2", SPECIAL);
    put(longer, "1");
    put(sub, "2");

    cache.clear();

    assertThat(cache.invalidateMatching("*")).isZero();
    assertKept(longer, "1");
    assertKept(sub, "2");
  }

  @ParameterizedTest
  @CsvSource({"a:b, c, a, b:c", "a%3Ab, c, a:b, c", "a%, b, a, %b", "a:, :b, a, ::b"})
  void namesAndKeysThatMakeTheSameTextDoNotMix(
      String name1, String key1, String name2, String key2) {
    CacheAside<String, String> one = openNamed(name + name1);
    CacheAside<String, String> other = openNamed(name + name2);

    one.put(key1, "one");
    assertNotCached(other, key2);
    other.put(key2, "other");

    assertCached(one, key1, "one");
    other.invalidate(key2);
    assertCached(one, key1, "one");
    other.put(key2, "other");
    assertThat(one.invalidateMatching("*")).isEqualTo(1);
    assertCached(other, key2, "other");
  }

  @Test
  void aLoadUnderWayIsCountedAndNotStored() throws Exception {
    CacheAside<String, String> cache = open();
    put(cache, "a", "b");
    source.with("c", "before");
    source.pause();
    Call<String> load = callers.start(() -> cache.get("c", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    source.with("c", "after");

    assertThat(cache.invalidateMatching("*")).isEqualTo(3);
    source.resume();

    assertThat(load.result()).isEqualTo("before");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertThat(cache.get("c", source::get)).isEqualTo("after");
  }

  @Test
  void everyKeyOfThousandsIsFound() {
    CacheAside<String, String> cache = open();
    List<String> keys = BulkTest.keys(5_000);
    cache.getAll(keys, BulkTest::itself);

    assertThat(cache.invalidateMatching("k*")).isEqualTo(5_000);

    assertThat(cache.invalidateMatching("*")).isZero();
  }

  @Test
  void anEmptyPatternMatchesNoKey() {
    CacheAside<String, String> cache = open();
    put(cache, "a");

    assertThat(cache.invalidateMatching("")).isZero();

    assertKept(cache, "a");
  }

  private CacheAside<String, String> openNamed(String cacheName) {
    return open(CacheAside.builder(cacheName, Codec.string()).store(store()));
  }

  private static void put(CacheAside<String, String> cache, String... keys) {
    for (String key : keys) {
      cache.put(key, "of " + key);
    }
  }

  private static void assertKept(CacheAside<String, String> cache, String... keys) {
    for (String key : keys) {
      assertCached(cache, key, "of " + key);
    }
  }
}
