package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cacheaside.CacheAside;
import io.cacheaside.Lookup;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.testkit.ForwardingStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
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
        .withMessageContaining("maxAge is -1 ms");
  }

  /** The time that a store says remains may be that of the state before, see the contract. */
  @Test
  void aValueIsStaleOnceItIsMarkedHoweverOldItSeemedToBe() {
    Store store =
        new ForwardingStore(store()) {
          @Override
          public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
            return super.readTimed(key, maxBytes)
                .thenApply(
                    state -> state == null ? null : new TimedState(state.bytes(), Duration.ZERO));
          }
        };
    CacheAside<String, String> here = open(builder().store(store));
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    there.put("k", "old");

    assertThat(here.markStale("k")).isTrue();

    assertThat(there.lookup("k")).isInstanceOf(Lookup.Stale.class);
    assertThat(there.remainingTtl("k")).isEmpty();
    assertThat(there.get("k", key -> "new")).isEqualTo("new");
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
