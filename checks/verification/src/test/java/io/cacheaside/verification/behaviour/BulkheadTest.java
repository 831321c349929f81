package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAside;
import io.cacheaside.LoadRejectedException;
import io.cacheaside.ReadOptions;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.testkit.FaultyStore.Operation;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The bound on the loads that run and wait at the same time. */
@OnEveryStore
class BulkheadTest extends CacheTest {

  private Call<String> hold(CacheAside<String, String> cache, String key) throws Exception {
    source.with(key, "v").pause();
    Call<String> load = callers.start(() -> cache.get(key, source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    return load;
  }

  @Test
  void whatFindsNoPlaceIsRejectedAndTheSourceIsNotAsked() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    Call<String> load = hold(cache, "a");

    assertThatThrownBy(() -> cache.get("b", CacheTest::notLoaded))
        .isInstanceOf(LoadRejectedException.class)
        .hasMessageContainingAll(name, "'b'", "maxConcurrentLoads", "maxQueuedLoads");
    assertThat(cache.stats().rejectedLoads()).isEqualTo(1);

    source.resume();
    assertThat(load.result()).isEqualTo("v");
    eventually(() -> assertThat(cache.get("b", key -> "w")).isEqualTo("w"));
  }

  @Test
  void whatFindsNoPlaceTakesNoLease() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).maxConcurrentLoads(1).maxQueuedLoads(0));
    Call<String> load = hold(cache, "a");
    store.resetCounts();

    assertThatThrownBy(() -> cache.get("b", CacheTest::notLoaded))
        .isInstanceOf(LoadRejectedException.class);

    assertThat(store.count(Operation.PUT_IF_ABSENT)).isZero();
    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void aRejectedLoadIsNotCountedAsFailed() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    Call<String> load = hold(cache, "a");
    ReadOptions uncached = ReadOptions.defaults().doNotCache();

    assertThatThrownBy(() -> cache.get("b", CacheTest::notLoaded))
        .isInstanceOf(LoadRejectedException.class);
    assertThatThrownBy(() -> cache.get("b", uncached, CacheTest::notLoaded))
        .isInstanceOf(LoadRejectedException.class);
    assertThatThrownBy(() -> cache.getAll(List.of("b", "c"), uncached, BulkTest::itself))
        .isInstanceOf(BulkLoadException.class)
        .hasCauseInstanceOf(LoadRejectedException.class);

    assertThat(cache.stats().rejectedLoads()).isEqualTo(3);
    assertThat(cache.stats().loadFailures()).isZero();
    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void aRefreshThatFindsNoPlaceIsNotBegun() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(
            builder()
                .store(store)
                .staleWhileRevalidate(Duration.ofHours(1))
                .maxConcurrentLoads(1)
                .maxQueuedLoads(0));
    cache.put("b", "old");
    cache.markStale("b");
    Call<String> load = hold(cache, "a");
    store.resetCounts();

    assertThat(cache.get("b", CacheTest::notLoaded)).isEqualTo("old");

    assertThat(store.count(Operation.PUT_IF_ABSENT)).isZero();
    assertThat(cache.stats().refreshes()).isZero();
    source.resume();
    assertThat(load.result()).isEqualTo("v");
    eventually(() -> assertThat(cache.get("b", key -> "new")).isEqualTo("new"));
  }

  @Test
  void whatMayWaitIsLoadedWhenThereIsAPlace() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1));
    Call<String> first = hold(cache, "a");
    Call<String> second = callers.start(() -> cache.get("b", key -> "w"));
    awaitWaiting(cache, 2, List.of(second));

    source.resume();

    assertThat(first.result()).isEqualTo("v");
    assertThat(second.result()).isEqualTo("w");
  }

  @Test
  void whileTheStoreMayBeColdFewerLoadsRunAtATime() throws Exception {
    CacheAside<String, String> cache =
        open(builder().maxConcurrentLoads(10).warmUp(Duration.ofMinutes(30)));
    Call<String> first = hold(cache, "a");
    source.with("b", "w");
    Call<String> second = callers.start(() -> cache.get("b", source::get));
    awaitWaiting(cache, 2, List.of(second));

    assertThat(source.reads("b")).isZero();

    source.resume();
    assertThat(first.result()).isEqualTo("v");
    assertThat(second.result()).isEqualTo("w");
  }

  @Test
  void aLoadInsideALoadNeedsNoPlace() {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    CacheAside<String, String> sync = cache.async().sync();

    assertThat(sync.get("a", key -> sync.get("b", inner -> "inner"))).isEqualTo("inner");
  }

  @Test
  void aLoadInsideThatOfAnotherCacheNeedsOne() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    CacheAside<String, String> outer =
        open(CacheAside.builder(name + "outer", Codec.string()).store(store()));
    Call<String> load = hold(cache, "a");

    assertThatThrownBy(
            () ->
                outer
                    .async()
                    .sync()
                    .get("b", key -> cache.async().sync().get("b", CacheTest::notLoaded)))
        .isInstanceOf(LoadRejectedException.class);

    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void aFailedLoadGivesItsPlaceBack() {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  cache.get(
                      "a",
                      key -> {
                        throw new IllegalStateException("no source");
                      }))
          .hasMessage("no source");
    }

    assertThat(cache.get("a", key -> "v")).isEqualTo("v");
  }

  @Test
  void aBulkLoadCountsAsOne() {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));

    assertThat(cache.getAll(List.of("a", "b", "c"), BulkTest::itself)).hasSize(3);
  }

  @Test
  void aStaleValueStandsInForARejectedLoad() throws Exception {
    CacheAside<String, String> cache =
        open(builder().maxConcurrentLoads(1).maxQueuedLoads(0).staleIfError(Duration.ofMinutes(1)));
    cache.put("b", "old");
    cache.markStale("b");
    Call<String> load = hold(cache, "a");

    assertThat(cache.get("b", CacheTest::notLoaded)).isEqualTo("old");

    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void whoCanShareALoadNeedsNoPlace() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(0));
    cache.put("a", "old");
    cache.markStale("a");
    Call<String> load = hold(cache, "a");
    Call<String> guest = callers.start(() -> cache.get("a", CacheTest::notLoaded));
    awaitWaiting(cache, 2, List.of(guest));

    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(guest.result()).isEqualTo("v");
  }

  @Test
  void whoGaveUpWaitingLeavesHisPlaceInTheQueue() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1).maxQueuedLoads(1));
    Call<String> load = hold(cache, "a");
    CompletableFuture<String> gone =
        cache.async().get("gone", key -> CompletableFuture.completedFuture("not wanted"));
    eventually(() -> assertThat(cache.stats().misses()).isEqualTo(2));
    gone.cancel(true);
    CompletableFuture<String> next =
        cache.async().get("next", key -> CompletableFuture.completedFuture("w"));

    eventually(() -> assertThat(cache.stats().misses()).isEqualTo(3));
    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("w");
  }

  @Test
  void manyWhoGaveUpWaitingDoNotKeepTheNextOneFromItsPlace() throws Exception {
    CacheAside<String, String> cache = open(builder().maxConcurrentLoads(1));
    Call<String> load = hold(cache, "a");
    List<CompletableFuture<String>> gone = new ArrayList<>();
    for (int i = 0; i < 9_000; i++) {
      gone.add(cache.async().get("gone " + i, key -> new CompletableFuture<>()));
    }
    eventually(() -> assertThat(cache.stats().misses()).isEqualTo(9_001));
    CompletableFuture<String> last =
        cache.async().get("last", key -> CompletableFuture.completedFuture("w"));
    gone.forEach(future -> future.cancel(true));

    source.resume();

    assertThat(load.result()).isEqualTo("v");
    assertThat(last.get(30, TimeUnit.SECONDS)).isEqualTo("w");
  }
}
