package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Times to live that a function of key and value decides. */
@OnEveryStore
class TtlFunctionTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** What a function does instead of returning a time that the cache accepts. */
  enum Wrong {
    THROWS("no rule", Wrong::noRule),
    NULL("what ttlFunction returned", () -> null),
    ZERO("what ttlFunction returned is 0 s", () -> Duration.ZERO),
    NEGATIVE("what ttlFunction returned is -1 s", () -> Duration.ofSeconds(-1)),
    TOO_SHORT("what ttlFunction returned is 0.999999 ms", () -> Duration.ofNanos(999_999)),
    TOO_LONG("what ttlFunction returned is", () -> Duration.ofDays(365_000_000));

    private final String message;
    private final Supplier<Duration> answer;

    Wrong(String message, Supplier<Duration> answer) {
      this.message = message;
      this.answer = answer;
    }

    private static Duration noRule() {
      throw new IllegalStateException("no rule");
    }
  }

  /** Ten hours for each character of the key, and one for each of the value. */
  private static Duration byLength(String key, String value) {
    return HOUR.multipliedBy(10L * key.length() + value.length());
  }

  private CacheAsideBuilder<String, String> ruled() {
    return builder().ttl(MINUTE).ttlFunction(TtlFunctionTest::byLength);
  }

  /** A rule that has no answer for the value "wrong". */
  private CacheAsideBuilder<String, String> ruled(Wrong wrong) {
    return builder().ttlFunction((key, value) -> value.equals("wrong") ? wrong.answer.get() : HOUR);
  }

  private static void assertHours(CacheAside<String, String> cache, String key, long hours) {
    assertAbout(cache, key, HOUR.multipliedBy(hours));
  }

  /** A minute is what nothing here takes: the bounds do not depend on how fast the test runs. */
  private static void assertAbout(CacheAside<String, String> cache, String key, Duration ttl) {
    assertThat(cache.remainingTtl(key).orElseThrow())
        .isGreaterThan(ttl.minus(MINUTE))
        .isLessThanOrEqualTo(ttl);
  }

  @Test
  void aLoadedValueLivesAsLongAsTheFunctionSays() {
    CacheAside<String, String> cache = open(ruled());

    cached(cache, "k", "v");
    cached(cache, "kk", "v");
    cached(cache, "kkk", "value");

    assertHours(cache, "k", 11);
    assertHours(cache, "kk", 21);
    assertHours(cache, "kkk", 35);
  }

  @Test
  void eachValueOfABulkLoadHasATimeOfItsOwn() {
    CacheAside<String, String> cache = open(ruled());
    source.with("k", "v").with("kk", "value");

    cache.getAll(List.of("k", "kk"), source::getAll);

    eventually(() -> assertCached(cache, "k", "v"));
    eventually(() -> assertCached(cache, "kk", "value"));
    assertHours(cache, "k", 11);
    assertHours(cache, "kk", 25);
  }

  @Test
  void whatIsPutLivesAsLongAsTheFunctionSays() {
    CacheAside<String, String> cache = open(ruled());

    cache.put("k", "v");
    cache.putAll(Map.of("kk", "v", "kkk", "value"));

    assertHours(cache, "k", 11);
    assertHours(cache, "kk", 21);
    assertHours(cache, "kkk", 35);
  }

  @Test
  void aTimeOfItsOwnGoesBeforeTheFunctionInAPut() {
    CacheAside<String, String> cache = open(ruled());

    cache.put("k", "v", HOUR);

    assertHours(cache, "k", 1);
  }

  @Test
  void anUpdatedValueKeepsWhatRemainsWhateverTheFunctionWouldSay() {
    CacheAside<String, String> cache = open(ruled());
    cache.put("k", "v");

    assertThat(cache.update("k", old -> "longer")).isTrue();

    assertCached(cache, "k", "longer");
    assertHours(cache, "k", 11);
  }

  @Test
  void aRefreshInTheBackgroundAsksTheFunctionAgain() {
    CacheAside<String, String> cache = open(ruled().staleWhileRevalidate(HOUR));
    cached(cache, "k", "old");
    cache.markStale("k");

    assertThat(cache.get("k", key -> "newer")).isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "newer"));
    assertHours(cache, "k", 15);
  }

  @Test
  void aForcedRefreshAsksTheFunctionAgain() {
    CacheAside<String, String> cache = open(ruled());
    cached(cache, "k", "old");

    cache.get("k", ReadOptions.defaults().forceRefresh(), key -> "newer");

    eventually(() -> assertCached(cache, "k", "newer"));
    assertHours(cache, "k", 15);
  }

  @Test
  void anUnmodifiedValueIsProlongedByWhatTheFunctionSays() {
    CacheAside<String, String> cache = open(ruled().staleIfError(HOUR));
    cache.put("k", "v", MINUTE);
    cache.markStale("k");

    assertThat(cache.getWithContext("k", (key, context) -> context.notModified())).isEqualTo("v");

    eventually(() -> assertCached(cache, "k", "v"));
    assertHours(cache, "k", 11);
  }

  @Test
  void theTimeOfAReadGoesBeforeTheFunction() {
    CacheAside<String, String> cache = open(ruled());
    ReadOptions options = ReadOptions.defaults().ttl(HOUR);

    cache.get("k", options, key -> "v");
    cache.getAll(List.of("kk"), options, keys -> Map.of("kk", "v"));

    eventually(() -> assertCached(cache, "k", "v"));
    eventually(() -> assertCached(cache, "kk", "v"));
    assertHours(cache, "k", 1);
    assertHours(cache, "kk", 1);
  }

  @Test
  void theTimeOfALoaderGoesBeforeTheFunctionAndThatOfTheRead() {
    CacheAside<String, String> cache = open(ruled());
    ReadOptions options = ReadOptions.defaults().ttl(HOUR);

    cache.getWithContext(
        "k",
        options,
        (key, context) -> {
          context.ttl(HOUR.multipliedBy(2));
          return "v";
        });
    cache.getWithContext(
        "kk",
        (key, context) -> {
          context.ttl(HOUR.multipliedBy(3));
          return "v";
        });

    eventually(() -> assertCached(cache, "k", "v"));
    eventually(() -> assertCached(cache, "kk", "v"));
    assertHours(cache, "k", 2);
    assertHours(cache, "kk", 3);
  }

  @Test
  void jitterShortensWhatTheFunctionSays() {
    FakeTime time = new FakeTime();
    time.setRandom(0.5);
    CacheAside<String, String> cache = open(ruled().environment(time).ttlJitter(0.2));

    cached(cache, "k", "v");

    assertAbout(cache, "k", HOUR.multipliedBy(11).multipliedBy(9).dividedBy(10));
  }

  @Test
  void anEarlyRefreshIsDueByWhatTheFunctionSays() {
    FakeTime time = new FakeTime();
    CacheAside<String, String> cache =
        open(
            CacheAside.<String>builder(name, Codec.string())
                .environment(time)
                .ttlJitter(0)
                .ttlFunction(TtlFunctionTest::byLength)
                .earlyRefresh(EarlyRefresh.after(0.5)));
    cached(cache, "k", "old");

    time.advance(HOUR.multipliedBy(13).dividedBy(2).minusMillis(1));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
    assertThat(cache.stats().refreshes()).isZero();
    time.advance(Duration.ofMillis(1));
    assertThat(cache.get("k", key -> "new")).isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void anAbsenceHasNoValueToAskTheFunctionWith() {
    CacheAside<String, String> cache =
        open(
            builder()
                .absentTtl(HOUR)
                .ttlFunction(
                    (key, value) -> {
                      throw new AssertionError("asked for " + value);
                    }));

    assertThat(cache.get("k", key -> null)).isNull();
    assertThat(cache.getAll(List.of("kk"), keys -> Map.of())).isEmpty();

    for (String key : List.of("k", "kk")) {
      eventually(() -> assertThat(cache.lookup(key)).isInstanceOf(Lookup.AbsentInSource.class));
      Lookup.AbsentInSource<String> absent = (Lookup.AbsentInSource<String>) cache.lookup(key);
      assertThat(absent.remaining()).isGreaterThan(HOUR.minus(MINUTE)).isLessThanOrEqualTo(HOUR);
    }
    assertThat(cache.stats().skippedFills()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aLoadedValueWithoutATimeIsReturnedAndNotCached(Wrong wrong) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(ruled(wrong).store(store));
    source.with("k", "wrong");
    assertThat(cache.get("k", source::get)).isEqualTo("wrong");
    eventually(() -> assertThat(cache.stats().skippedFills()).isEqualTo(1));
    eventually(() -> assertThat(store.count(Operation.SWAP, stored("k"))).isEqualTo(1));
    assertNotCached(cache, "k");
    source.pause();

    List<Call<String>> calls = callers.start(3, () -> cache.get("k", source::get));
    source.awaitWaiting(3, Callers.DEADLINE);
    source.resume();

    assertThat(Callers.results(calls)).containsOnly("wrong");
    cached(cache, "k", "right");
    assertHours(cache, "k", 1);
  }

  @ParameterizedTest
  @EnumSource
  void oneWithoutATimeDoesNotKeepTheOthersOfABulkLoadFromTheCache(Wrong wrong) {
    CacheAside<String, String> cache = open(ruled(wrong));
    source.with("a", "right").with("b", "wrong").with("c", "right");

    assertThat(cache.getAll(List.of("a", "b", "c"), source::getAll))
        .isEqualTo(Map.of("a", "right", "b", "wrong", "c", "right"));

    eventually(() -> assertCached(cache, "a", "right"));
    eventually(() -> assertCached(cache, "c", "right"));
    assertNotCached(cache, "b");
  }

  @ParameterizedTest
  @EnumSource
  void aPutWithoutATimeFailsAndStoresNothing(Wrong wrong) {
    CacheAside<String, String> cache = open(ruled(wrong));
    cache.put("k", "old");

    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> cache.put("k", "wrong"))
        .withMessageContaining(wrong.message);
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> cache.putAll(Map.of("k", "wrong")))
        .withMessageContaining(wrong.message);

    assertCached(cache, "k", "old");
    cache.put("k", "wrong", HOUR);
    assertCached(cache, "k", "wrong");
  }

  @ParameterizedTest
  @EnumSource
  void aRefreshWithoutATimeLeavesNeitherTheOldValueNorTheNew(Wrong wrong) {
    CacheAside<String, String> cache = open(ruled(wrong).staleWhileRevalidate(HOUR));
    cached(cache, "k", "old");
    cache.markStale("k");

    assertThat(cache.get("k", key -> "wrong")).isEqualTo("old");

    eventually(() -> assertNotCached(cache, "k"));
    assertThat(cache.stats().skippedFills()).isEqualTo(1);
    cached(cache, "k", "right");
  }
}
