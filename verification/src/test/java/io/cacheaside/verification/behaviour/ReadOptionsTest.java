package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.ReadOptions;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What one read asks for differently. */
@OnEveryStore
@Tag("races")
class ReadOptionsTest extends CacheTest {
  private static final ReadOptions DEFAULTS = ReadOptions.defaults();

  @Test
  void aForcedReadLoadsAndCachesWhateverIsThere() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    assertThat(cache.get("k", DEFAULTS.forceRefresh(), key -> "new")).isEqualTo("new");

    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aForcedReadDoesNotJoinALoadFromBefore() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "old").pause();
    Call<String> early = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    source.with("k", "new");

    Call<String> forced = callers.start(() -> cache.get("k", DEFAULTS.forceRefresh(), source::get));
    source.awaitWaiting(2, Callers.DEADLINE);
    source.resume();

    assertThat(forced.result()).isEqualTo("new");
    assertThat(early.result()).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void whatIsReadWithoutCachingLeavesNothing() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store));

    assertThat(cache.get("k", DEFAULTS.doNotCache(), key -> "v")).isEqualTo("v");

    assertThat(store.count(Operation.PUT_IF_ABSENT) + store.count(Operation.SWAP)).isZero();
    assertNotCached(cache, "k");
  }

  @Test
  void aReadAroundTheCacheLeavesWhatIsThere() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "old");

    assertThat(cache.get("k", DEFAULTS.forceRefresh().doNotCache(), key -> "new")).isEqualTo("new");

    assertCached(cache, "k", "old");
  }

  @Test
  void maxAgeMustNotBeNegative() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.maxAge(Duration.ofMillis(-1)))
        .withMessageContaining("maxAge is PT-0.001S");
  }

  @Test
  void nothingCanBeMarkedWhereNothingIs() {
    CacheAside<String, String> cache = open();

    assertThat(cache.markStale("k")).isFalse();
  }

  @Test
  void aLoadUnderWayLosesItsRightToStoreWhenItsKeyIsMarked() throws Exception {
    CacheAside<String, String> cache = open();
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.markStale("k");
    source.resume();

    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertThat(cache.stats().refusedFills()).isEqualTo(1));
    assertNotCached(cache, "k");
  }
}
