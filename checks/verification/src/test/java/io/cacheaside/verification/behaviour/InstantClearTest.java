package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clearing a cache at once, however many entries it has. */
@OnEveryStore
class InstantClearTest extends CacheTest {

  @Test
  void everythingIsGoneInAllProcessesWithoutAWalkThroughTheStore() {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(builder().store(store).instantClear());
    CacheAside<String, String> elsewhere = open(builder().store(anotherStore()).instantClear());
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      cached(cache, key, key);
    }
    store.resetCounts();

    cache.clear();

    assertThat(store.count(FaultyStore.Operation.REMOVE_MATCHING)).isZero();
    assertThat(store.count(FaultyStore.Operation.REMOVE)).isEqualTo(16);
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      assertNotCached(elsewhere, key);
    }
    cached(elsewhere, "a", "new");
    assertCached(cache, "a", "new");
  }

  @Test
  void aLoadUnderWayIsNotCachedAndNotJoined() throws Exception {
    CacheAside<String, String> cache = open(builder().instantClear());
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);

    cache.clear();

    assertThat(cache.get("k", key -> "new")).isEqualTo("new");
    source.resume();
    assertThat(load.result()).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "new"));
  }
}
