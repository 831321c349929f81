package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.LoadContext;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long entries live, with the stores' own clocks; {@link FakeTimeTest} is exact. */
@OnEveryStore
class TimeToLiveTest extends CacheTest {
  private static final Duration SHORT = Duration.ofMillis(40);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void anExpiredValueIsLoadedAgain() {
    CacheAside<String, String> cache = open(builder().ttl(SHORT));
    source.with("k", "old");
    cache.get("k", source::get);
    source.with("k", "new");

    eventually(() -> assertThat(cache.get("k", source::get)).isEqualTo("new"));

    assertThat(source.reads()).isEqualTo(2);
  }

  @Test
  void anExpiredAbsenceIsLoadedAgain() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR).absentTtl(SHORT));
    cache.get("k", source::get);
    source.with("k", "new");

    eventually(() -> assertThat(cache.get("k", source::get)).isEqualTo("new"));
  }

  @Test
  void valuesAndAbsencesHaveTheirOwnTtl() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR).absentTtl(MINUTE));
    cached(cache, "k", "v");
    cache.get("absent", source::get);

    assertBetween(remaining(cache, "k"), HOUR.minusMinutes(1), HOUR);
    Lookup<String> absent = cache.lookup("absent");
    assertThat(absent).isInstanceOf(Lookup.AbsentInSource.class);
    assertBetween(((Lookup.AbsentInSource<String>) absent).remaining(), Duration.ZERO, MINUTE);
  }

  @Test
  void oneReadMayAskForAnotherTtl() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));
    source.with("k", "v");

    cache.get("k", ReadOptions.defaults().ttl(MINUTE), source::get);

    assertBetween(remaining(cache, "k"), Duration.ZERO, MINUTE);
  }

  @Test
  void anEntryThatIsFoundKeepsItsTtl() {
    CacheAside<String, String> cache = open(builder().ttl(MINUTE));
    cached(cache, "k", "v");

    cache.get("k", ReadOptions.defaults().ttl(HOUR), CacheTest::notLoaded);

    assertBetween(remaining(cache, "k"), Duration.ZERO, MINUTE);
  }

  @Test
  void getAllUsesTheTtlOfTheCache() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR).absentTtl(MINUTE));

    cache.getAll(List.of("k", "absent"), keys -> Map.of("k", "v"));

    assertBetween(remaining(cache, "k"), HOUR.minusMinutes(1), HOUR);
    assertThat(cache.lookup("absent")).isInstanceOf(Lookup.AbsentInSource.class);
  }

  @Test
  void putUsesTheTtlOfTheCacheOrItsOwn() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));

    cache.put("k", "v");
    cache.put("short", "v", MINUTE);

    assertBetween(remaining(cache, "k"), HOUR.minusMinutes(1), HOUR);
    assertBetween(remaining(cache, "short"), Duration.ZERO, MINUTE);
  }

  @Test
  void jitterShortensEachTtlByAPartOfItsOwn() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR).ttlJitter(0.5));
    List<Duration> remaining = new ArrayList<>();

    for (int i = 0; i < 40; i++) {
      cache.put("k" + i, "v");
      remaining.add(remaining(cache, "k" + i));
    }

    assertThat(remaining)
        .allSatisfy(one -> assertBetween(one, Duration.ofMinutes(29), HOUR))
        .anySatisfy(one -> assertThat(one).isLessThan(Duration.ofMinutes(45)))
        .anySatisfy(one -> assertThat(one).isGreaterThan(Duration.ofMinutes(45)));
  }

  @Test
  void remainingTtlIsThatOfValuesOnly() throws Exception {
    CacheAside<String, String> cache = open(builder().absentTtl(HOUR));
    cache.get("absent", source::get);
    Call<String> load = loadInFlight(cache, "loading");

    assertThat(cache.remainingTtl("nothing")).isEmpty();
    assertThat(cache.remainingTtl("absent")).isEmpty();
    assertThat(cache.remainingTtl("loading")).isEmpty();

    source.resume();
    load.result();
  }

  @Test
  void setTtlChangesHowLongAValueStaysAndNothingElse() {
    CacheAside<String, String> cache = open(builder().ttl(MINUTE));
    cached(cache, "k", "v");

    assertThat(cache.setTtl("k", HOUR)).isTrue();

    assertBetween(remaining(cache, "k"), HOUR.minusMinutes(1), HOUR);
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("v");
  }

  @Test
  void setTtlCanLetAValueExpireSoon() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));
    cached(cache, "k", "v");

    assertThat(cache.setTtl("k", Duration.ofMillis(1))).isTrue();

    eventually(() -> assertNotCached(cache, "k"));
  }

  @Test
  void touchGivesAValueItsOwnTtlAgain() throws Exception {
    CacheAside<String, String> cache = open(builder().ttl(MINUTE));
    cache.put("k", "v", HOUR);
    byte[] state = store().read(stored("k")).toCompletableFuture().get();
    store().put(stored("k"), state, MINUTE).toCompletableFuture().get();
    assertBetween(remaining(cache, "k"), Duration.ZERO, MINUTE);

    assertThat(cache.touch("k")).isTrue();

    assertBetween(remaining(cache, "k"), HOUR.minusMinutes(1), HOUR);
    assertCached(cache, "k", "v");
  }

  @Test
  void aTtlThatWasSetIsTheValuesOwn() {
    CacheAside<String, String> cache = open(builder().ttl(HOUR));
    cached(cache, "k", "v");
    cache.setTtl("k", MINUTE);

    assertThat(cache.touch("k")).isTrue();

    assertBetween(remaining(cache, "k"), Duration.ZERO, MINUTE);
  }

  @Test
  void setTtlAndTouchDoNothingWhereNoValueIs() {
    CacheAside<String, String> cache = open(builder().absentTtl(HOUR));
    cache.get("absent", source::get);

    assertThat(cache.setTtl("nothing", HOUR)).isFalse();
    assertThat(cache.touch("nothing")).isFalse();
    assertThat(cache.setTtl("absent", MINUTE)).isFalse();
    assertThat(cache.touch("absent")).isFalse();

    assertNotCached(cache, "nothing");
    Lookup<String> absent = cache.lookup("absent");
    assertBetween(((Lookup.AbsentInSource<String>) absent).remaining(), HOUR.minusMinutes(1), HOUR);
  }

  @Test
  void aLoadInFlightIsNotProlonged() throws Exception {
    Duration leaseTime = Duration.ofSeconds(10);
    CacheAside<String, String> cache = open(builder().leaseTime(leaseTime));
    Call<String> load = loadInFlight(cache, "k");

    assertThat(cache.setTtl("k", HOUR)).isFalse();
    assertThat(cache.touch("k")).isFalse();

    TimedState lease = store().readTimed(stored("k"), 40).toCompletableFuture().get();
    assertBetween(lease.remaining(), Duration.ZERO, leaseTime);
    source.resume();
    assertThat(load.result()).isEqualTo("v");
    assertCached(cache, "k", "v");
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 0 s", "PT-1S, -1 s", "PT0.0009S, 0.9 ms", "PT2502000000H, 9007200000000 s"})
  void aTtlOutsideOfTheBoundsIsRefused(String text, String shown) {
    CacheAside<String, String> cache = open();
    Duration ttl = Duration.parse(text);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.put("k", "v", ttl))
        .withMessageContainingAll("ttl is " + shown, "use at least");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.setTtl("k", ttl))
        .withMessageContainingAll("ttl is " + shown);
    assertNotCached(cache, "k");
  }

  @Test
  void theBoundOfATtlIsWrittenForPeople() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().ttl(Duration.ZERO))
        .withMessage("ttl is 0 s; use at least 1 ms and at most 8,900 years");
  }

  /** A time that is computed, as what is left of a token, may be over. */
  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT-0.000000001S", "PT0.000999999S"})
  void aValueWhoseTimeIsOverIsReturnedAndNotCached(String text) throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().absentTtl(HOUR).store(store));
    Duration ttl = Duration.parse(text);
    ReadOptions options = ReadOptions.defaults().ttl(ttl);

    assertThat(cache.getWithContext("loader", (key, context) -> withTtl(context, ttl, "v")))
        .isEqualTo("v");
    assertThat(cache.getWithContext("absent", (key, context) -> withTtl(context, ttl, null)))
        .isNull();
    assertThat(cache.get("read", options, key -> "v")).isEqualTo("v");
    assertThat(cache.getAll(List.of("a", "b"), options, keys -> Map.of("a", "1", "b", "2")))
        .isEqualTo(Map.of("a", "1", "b", "2"));

    for (String key : List.of("loader", "absent", "read", "a", "b")) {
      eventually(() -> assertThat(store.count(Operation.SWAP, stored(key))).isEqualTo(1));
      assertNotCached(cache, key);
    }
    assertThat(cache.stats().loadFailures()).isZero();
    assertThat(cache.stats().skippedFills()).isZero();
    cached(cache, "loader", "v");
  }

  private static <V> V withTtl(LoadContext<V> context, Duration ttl, V value) {
    context.ttl(ttl);
    return value;
  }

  @Test
  void theTimeOfALoaderCountsAlsoIfThatOfTheReadIsOver() {
    CacheAside<String, String> cache = open();
    ReadOptions options = ReadOptions.defaults().ttl(Duration.ZERO);

    cache.getWithContext("k", options, (key, context) -> withTtl(context, HOUR, "v"));

    eventually(() -> assertCached(cache, "k", "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2502000000H", "PT2562047788015215H30M7.999999999S"})
  void aTimeThatIsTooLongIsTheLongest(String text) {
    CacheAside<String, String> cache = open(builder().staleIfError(Store.MAX_TTL));
    Duration ttl = Duration.parse(text);

    cache.getWithContext("loader", (key, context) -> withTtl(context, ttl, "v"));
    cache.get("read", ReadOptions.defaults().ttl(ttl), key -> "v");

    for (String key : List.of("loader", "read")) {
      eventually(() -> assertCached(cache, key, "v"));
      assertThat(cache.remainingTtl(key).orElseThrow()).isGreaterThan(Duration.ofDays(3_000_000));
    }
  }

  private Call<String> loadInFlight(CacheAside<String, String> cache, String key) {
    source.with(key, "v");
    source.pause();
    Call<String> load = callers.start(() -> cache.get(key, source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    return load;
  }

  private static Duration remaining(CacheAside<String, String> cache, String key) {
    return cache.remainingTtl(key).orElseThrow();
  }

  /** The bounds are a minute wide or more: nothing here depends on how fast the test runs. */
  private static void assertBetween(Duration actual, Duration least, Duration most) {
    assertThat(actual).isGreaterThan(least).isLessThanOrEqualTo(most);
  }
}
