package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values that are loaded anew before they are too old, and reads that do not wait long. */
@InMemoryOnly
class EarlyRefreshTest extends CacheTest {
  private static final Duration SOFT_TIMEOUT = Duration.ofMillis(700);

  private final FakeTime time = new FakeTime();

  private CacheAsideBuilder<String, String> timed() {
    return CacheAside.<String>builder(name, Codec.string())
        .environment(time)
        .ttl(Duration.ofSeconds(100))
        .ttlJitter(0);
  }

  @Test
  void aValueIsRefreshedAfterAFractionOfItsTtl() {
    CacheAside<String, String> cache = open(timed().earlyRefresh(EarlyRefresh.after(0.8)));
    cached(cache, "k", "old");
    time.advance(Duration.ofMillis(79_999));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
    assertThat(cache.stats().refreshes()).isZero();

    time.advance(Duration.ofMillis(1));
    assertThat(cache.get("k", key -> "new")).isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void chanceAndTheTimeOfTheLastLoadDecide() {
    CacheAside<String, String> cache = open(timed().earlyRefresh(EarlyRefresh.xFetch()));
    time.setRandom(0.9);
    cache.get(
        "k",
        key -> {
          time.advance(Duration.ofSeconds(2));
          return "old";
        });
    eventually(() -> assertCached(cache, "k", "old"));
    time.advance(Duration.ofMillis(95_394));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
    assertThat(cache.stats().refreshes()).isZero();

    time.advance(Duration.ofMillis(1));
    assertThat(cache.get("k", key -> "new")).isEqualTo("old");

    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void theTimeInWhichALoadWaitedForItsTurnDoesNotCount() throws Exception {
    CacheAside<String, String> cache =
        open(timed().earlyRefresh(EarlyRefresh.xFetch()).maxConcurrentLoads(1));
    time.setRandom(0.9);
    source.with("first", "v").pause();
    Call<String> first = callers.start(() -> cache.get("first", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> second =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      time.advance(Duration.ofSeconds(2));
                      return "old";
                    }));
    awaitWaiting(cache, 2, List.of(second));

    time.advance(Duration.ofSeconds(5));
    source.resume();

    assertThat(first.result()).isEqualTo("v");
    assertThat(second.result()).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "old"));
    time.advance(Duration.ofMillis(95_394));
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
    assertThat(cache.stats().refreshes()).isZero();
    time.advance(Duration.ofMillis(1));
    assertThat(cache.get("k", key -> "new")).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void anImpossibleRuleIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EarlyRefresh.after(1.0))
        .withMessage("fraction is 1.0; use more than 0.0 and less than 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EarlyRefresh.After(5.0))
        .withMessage("fraction is 5.0; use more than 0.0 and less than 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EarlyRefresh.XFetch(-1.0))
        .withMessage("beta is -1.0; use more than 0.0, such as 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EarlyRefresh.xFetch(0.0))
        .withMessage("beta is 0.0; use more than 0.0, such as 1.0");
  }

  @Test
  void maxAgeIsExact() {
    CacheAside<String, String> cache = open(timed());
    cached(cache, "k", "old");
    ReadOptions options = ReadOptions.defaults().maxAge(Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(5));
    assertThat(cache.get("k", options, CacheTest::notLoaded)).isEqualTo("old");

    time.advance(Duration.ofMillis(1));

    assertThat(cache.get("k", options, key -> "new")).isEqualTo("new");
  }

  /** What is kept longer for failures makes no difference. */
  @Test
  void maxAgeHoldsForStaleValuesThatAreReturnedAtOnce() {
    CacheAside<String, String> cache = open(timed().staleWhileRevalidate(Duration.ofHours(1)));
    cached(cache, "k", "old");
    ReadOptions options = ReadOptions.defaults().maxAge(Duration.ofSeconds(105));
    time.advance(Duration.ofSeconds(105));
    assertThat(cache.get("k", options, key -> null)).isEqualTo("old");
    eventually(() -> assertNotCached(cache, "k"));
    cached(cache, "k", "old");

    time.advance(Duration.ofMillis(105_001));

    assertThat(cache.get("k", options, key -> "new")).isEqualTo("new");
    assertThat(cache.stats().staleServed()).isEqualTo(1);
  }

  @Test
  void maxAgeHoldsForStaleValuesThatStandIn() {
    CacheAside<String, String> cache = open(timed().staleIfError(Duration.ofHours(1)));
    cached(cache, "k", "old");
    ReadOptions options = ReadOptions.defaults().maxAge(Duration.ofSeconds(105));
    IllegalStateException down = new IllegalStateException("down");
    time.advance(Duration.ofSeconds(105));
    assertThat(
            cache.get(
                "k",
                options,
                key -> {
                  throw down;
                }))
        .isEqualTo("old");
    eventually(() -> assertThat(cache.get("k", options, CacheTest::notLoaded)).isEqualTo("old"));

    time.advance(Duration.ofMillis(1));

    assertThatThrownBy(() -> cache.get("k", options, CacheTest::notLoaded))
        .isInstanceOf(SharedLoadException.class);
    assertThat(cache.get("k", CacheTest::notLoaded)).isEqualTo("old");
  }

  @Test
  void theWindowForStaleValuesEnds() {
    CacheAside<String, String> cache =
        open(
            timed().staleWhileRevalidate(Duration.ofSeconds(10)).staleIfError(Duration.ofHours(1)));
    cached(cache, "a", "old");
    cached(cache, "b", "old");

    time.advance(Duration.ofMillis(109_999));
    assertThat(cache.get("a", key -> "new")).isEqualTo("old");
    time.advance(Duration.ofMillis(1));

    assertThat(cache.get("b", key -> "new")).isEqualTo("new");
    assertThat(cache.stats().staleServed()).isEqualTo(1);
  }

  private CacheAside<String, String> impatient() {
    CacheAside<String, String> cache =
        open(timed().staleIfError(Duration.ofHours(1)).softTimeout(SOFT_TIMEOUT));
    cached(cache, "k", "old");
    cache.markStale("k");
    source.with("k", "new").pause();
    return cache;
  }

  /** Reads until the time is over after which a stale value will do. */
  private String readUntilImpatient(CacheAside<String, String> cache) throws Exception {
    Call<String> call = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    eventually(() -> assertThat(time.pendingTimers()).contains(SOFT_TIMEOUT));
    time.advance(SOFT_TIMEOUT);
    return call.result();
  }

  @Test
  void aReadGoesOnWithTheStaleValueAfterTheSoftTimeout() throws Exception {
    CacheAside<String, String> cache = impatient();

    assertThat(readUntilImpatient(cache)).isEqualTo("old");

    source.resume();
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aLoadThatFailsAfterTheSoftTimeoutServesNothingMore() throws Exception {
    CacheAside<String, String> cache = impatient();
    source.failNextReads(1, new IllegalStateException("no source"));

    assertThat(readUntilImpatient(cache)).isEqualTo("old");

    source.resume();
    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(1));
    awaitWaiting(cache, cache.stats().misses(), List.of());
    assertThat(cache.stats().staleServed()).isEqualTo(1);
  }

  @Test
  void aSoftTimeoutWithNothingToReturnIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> timed().softTimeout(Duration.ofSeconds(1)).build())
        .withMessageContaining("set staleIfError too");
  }
}
