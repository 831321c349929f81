package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * G10 between processes: a hold-off is a state of the key, so it is there for all of them, and ends
 * for all of them.
 */
@OnEveryStore
@Tag("races")
class SharedHoldOffTest extends CacheTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  private CacheAsideBuilder<String, String> holding(Duration holdOff) {
    return builder().holdOff(holdOff);
  }

  private CacheAsideBuilder<String, String> versioned() {
    return holding(LONG).version(Long::parseLong);
  }

  private CacheAside<String, String> elsewhere(CacheAsideBuilder<String, String> builder) {
    return open(builder.store(anotherStore()));
  }

  /** Two loads in a row with different results: the second would return what the first left. */
  private static void assertServedAndNotCached(
      CacheAside<String, String> cache, String first, String second) {
    assertThat(cache.get("k", key -> first)).isEqualTo(first);
    assertThat(cache.get("k", key -> second)).isEqualTo(second);
    assertNotCached(cache, "k");
  }

  /** What the store does when its time is over. */
  private void endHoldOff() throws Exception {
    store().remove(stored("k")).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void afterAnInvalidationHereLoadsElsewhereAreServedAndNotCached() {
    CacheAside<String, String> here = open(holding(LONG));
    CacheAside<String, String> there = elsewhere(holding(LONG));
    cached(there, "k", "old");

    here.invalidate("k");

    assertServedAndNotCached(there, "lagging", "new");
    assertServedAndNotCached(here, "lagging", "new");
  }

  @Test
  void afterwardsLoadsAreCachedByAll() {
    CacheAside<String, String> here = open(holding(SHORT));
    CacheAside<String, String> there = elsewhere(holding(SHORT));
    cached(there, "k", "old");

    here.invalidate("k");

    eventually(
        () -> {
          assertThat(there.get("k", key -> "new")).isEqualTo("new");
          assertCached(here, "k", "new");
        });
    assertThat(here.get("k", CacheTest::notLoaded)).isEqualTo("new");
  }

  @Test
  void aLoadUnderWayElsewhereLosesItsRightToStore() throws Exception {
    CacheAside<String, String> here = open(holding(LONG));
    CacheAside<String, String> there = elsewhere(holding(LONG));
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    here.invalidate("k");
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(there.stats().refusedFills()).isEqualTo(1));
    assertServedAndNotCached(here, "lagging", "new");
  }

  @Test
  void aLoadFromTheHoldOffIsNotCachedWhenItReturnsAfterwards() throws Exception {
    CacheAside<String, String> here = open(holding(LONG));
    CacheAside<String, String> there = elsewhere(holding(LONG));
    here.invalidate("k");
    source.with("k", "lagging").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    endHoldOff();
    assertThat(here.get("k", key -> "new")).isEqualTo("new");
    eventually(() -> assertCached(here, "k", "new"));

    source.resume();

    assertThat(load.result()).isEqualTo("lagging");
    assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("new");
  }

  @Test
  void aPutElsewhereStoresNothing() {
    CacheAside<String, String> here = open(holding(LONG));
    CacheAside<String, String> there = elsewhere(holding(LONG));
    here.invalidate("k");

    there.put("k", "put");
    there.putAll(Map.of("k", "put", "j", "put"));

    assertNotCached(here, "k");
    assertCached(here, "j", "put");
  }

  @Test
  void aBulkReadIsServedAndCachesTheOtherKeys() {
    CacheAside<String, String> here = open(holding(LONG));
    CacheAside<String, String> there = elsewhere(holding(LONG));
    here.invalidateAll(List.of("k", "l"));

    assertThat(there.getAll(List.of("j", "k", "l"), BulkTest::itself))
        .isEqualTo(Map.of("j", "j", "k", "k", "l", "l"));

    eventually(() -> assertCached(here, "j", "j"));
    assertNotCached(here, "k");
    assertNotCached(here, "l");
  }

  @Test
  void aPatternLeavesNoHoldOff() {
    CacheAside<String, String> here = open(holding(LONG));
    cached(here, "k", "old");

    here.invalidateMatching("?");

    cached(here, "k", "new");
  }

  @Test
  void ofAStampedeMeanwhileOneLoadsAndOneWaitsInEachProcess() throws Exception {
    CacheAside<String, String> here = open(holding(LONG));
    here.invalidate("k");
    source.with("k", "v").pause();
    Call<String> first = callers.start(() -> here.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    List<Call<String>> late = callers.start(15, () -> here.get("k", source::get));
    awaitWaiting(here, 16, late);

    source.resume();

    assertThat(first.result()).isEqualTo("v");
    assertThat(Callers.results(late)).containsOnly("v");
    assertThat(source.reads()).isEqualTo(2);
  }

  @Test
  void theFirstLoadOfTheVersionThatWasWrittenEndsItForAll() {
    CacheAside<String, String> here = open(versioned());
    CacheAside<String, String> there = elsewhere(versioned());
    here.invalidate("k", 7);

    assertServedAndNotCached(there, "6", "5");
    assertServedAndNotCached(here, "6", "5");
    cached(there, "k", "7");

    assertThat(here.get("k", CacheTest::notLoaded)).isEqualTo("7");
    assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("7");
  }

  @Test
  void ofTwoVersionsWrittenByTwoProcessesTheHigherCounts() {
    CacheAside<String, String> here = open(versioned());
    CacheAside<String, String> there = elsewhere(versioned());
    here.invalidate("k", 7);
    there.invalidate("k", 6);

    assertServedAndNotCached(there, "6", "5");
    cached(there, "k", "7");
  }

  @Test
  void noVersionEndsTheHoldOffOfSomebodyWhoNamedNone() {
    CacheAside<String, String> here = open(versioned());
    CacheAside<String, String> there = elsewhere(versioned());
    here.invalidate("k");
    there.invalidate("k", 7);

    assertServedAndNotCached(here, "7", "8");
    assertServedAndNotCached(there, "7", "8");
  }

  @Test
  void aLoadThatReadTheSourceBeforeTheLastInvalidationEndsNothing() throws Exception {
    CacheAside<String, String> here = open(versioned());
    CacheAside<String, String> there = elsewhere(versioned());
    here.invalidate("k", 7);
    source.with("k", "7").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    here.invalidate("k", 8);
    source.resume();

    assertThat(load.result()).isEqualTo("7");
    assertServedAndNotCached(there, "7", "6");
    cached(here, "k", "8");
  }
}
