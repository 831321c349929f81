package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import io.cacheaside.AsyncLoadingCacheAside;
import io.cacheaside.BulkLoadException;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadingCacheAside;
import io.cacheaside.ReadOptions;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Caches with a loader of their own. */
@OnEveryStore
class LoadingCacheTest extends CacheTest {

  private LoadingCacheAside<String, String> loading() {
    return closedAfterwards(builder().build(source::get));
  }

  private @Nullable String get(LoadingCacheAside<String, String> cache, String key) {
    return isSync() ? cache.get(key) : cache.async().get(key).join();
  }

  private Map<String, String> getAll(
      LoadingCacheAside<String, String> cache, Collection<String> keys) {
    return isSync() ? cache.getAll(keys) : cache.async().getAll(keys).join();
  }

  @Test
  void aMissLoadsAndAHitDoesNot() {
    LoadingCacheAside<String, String> cache = loading();
    source.with("k", "v");

    assertThat(get(cache, "k")).isEqualTo("v");
    assertThat(get(cache, "k")).isEqualTo("v");
    assertThat(get(cache, "unknown")).isNull();

    assertThat(source.reads("k")).isEqualTo(1);
    assertThat(cache.stats().hits()).isEqualTo(1);
  }

  @Test
  void nobodyGetsAnOldValueAfterAnInvalidation() throws Exception {
    LoadingCacheAside<String, String> cache = loading();
    source.with("k", "old");
    source.pause();
    Call<String> reader = callers.start(() -> get(cache, "k"));
    source.awaitWaiting(1, Callers.DEADLINE);

    source.update("k", "new");
    cache.invalidate("k");
    source.resume();
    reader.result();

    assertThat(get(cache, "k")).isEqualTo("new");
  }

  @Test
  void readsTakeATimeToLiveOrOptions() {
    LoadingCacheAside<String, String> cache = loading();
    source.with("a", "1").with("b", "2").with("c", "3");
    ReadOptions shortly = ReadOptions.defaults().ttl(Duration.ofMinutes(2));

    if (isSync()) {
      cache.get("a", Duration.ofMinutes(1));
      cache.get("b", shortly);
      cache.getAll(List.of("c"), shortly);
    } else {
      cache.async().get("a", Duration.ofMinutes(1)).join();
      cache.async().get("b", shortly).join();
      cache.async().getAll(List.of("c"), shortly).join();
    }

    eventually(
        () -> {
          assertThat(cache.remainingTtl("a").orElseThrow()).isLessThan(Duration.ofSeconds(61));
          assertThat(cache.remainingTtl("b").orElseThrow()).isLessThan(Duration.ofSeconds(121));
          assertThat(cache.remainingTtl("c").orElseThrow()).isLessThan(Duration.ofSeconds(121));
        });
  }

  @Test
  void severalKeysAreLoadedTogetherByABulkLoader() {
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .build(
                    CacheTest::notLoaded,
                    keys -> {
                      assertThat(keys).containsExactlyInAnyOrder("b", "c");
                      return Map.of("b", "2");
                    }));
    cache.put("a", "1");

    assertThat(getAll(cache, List.of("a", "b", "c")))
        .containsExactly(entry("a", "1"), entry("b", "2"));
  }

  @Test
  void withoutABulkLoaderTheyAreLoadedSideBySide() {
    CountDownLatch together = new CountDownLatch(3);
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .build(
                    key -> {
                      together.countDown();
                      assertThat(together.await(20, TimeUnit.SECONDS)).as("side by side").isTrue();
                      return "value of " + key;
                    }));

    assertThat(getAll(cache, List.of("a", "b", "c")))
        .containsExactly(
            entry("a", "value of a"), entry("b", "value of b"), entry("c", "value of c"));
    assertThat(cache.stats().loads()).isEqualTo(3);
  }

  @Test
  void oneOfThemThatFailsTakesNothingFromTheOthers() {
    IllegalStateException thrown = new IllegalStateException("no b");
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .build(
                    key -> {
                      if (key.equals("b")) {
                        throw thrown;
                      }
                      return "value of " + key;
                    }));

    assertThatExceptionOfType(BulkLoadException.class)
        .isThrownBy(
            () -> {
              if (isSync()) {
                cache.getAll(List.of("a", "b"));
              } else {
                throw (RuntimeException) failureOf(cache.async().getAll(List.of("a", "b")));
              }
            })
        .satisfies(
            failure -> {
              assertThat(failure.values()).isEqualTo(Map.of("a", "value of a"));
              assertThat(failure.failures()).containsOnlyKeys("b");
            });
  }

  private static @Nullable Throwable failureOf(CompletableFuture<?> future) {
    return future.handle((value, failure) -> failure).join();
  }

  @Test
  void refreshLoadsWhateverIsCached() {
    LoadingCacheAside<String, String> cache = loading();
    source.with("a", "1").with("b", "2");
    getAll(cache, List.of("a", "b"));
    source.with("a", "new 1").with("b", "new 2");

    if (isSync()) {
      assertThat(cache.refresh("a")).isEqualTo("new 1");
      assertThat(cache.refreshAll(List.of("b"))).containsExactly(entry("b", "new 2"));
    } else {
      assertThat(cache.async().refresh("a").join()).isEqualTo("new 1");
      assertThat(cache.async().refreshAll(List.of("b")).join())
          .containsExactly(entry("b", "new 2"));
    }

    eventually(
        () ->
            assertThat(cache.getAllPresent(List.of("a", "b")))
                .containsExactly(entry("a", "new 1"), entry("b", "new 2")));
  }

  @Test
  void aLoaderThatDoesNotBlockServesBothFaces() {
    LoadingCacheAside<String, String> cache =
        closedAfterwards(builder().buildAsync(key -> AsyncFace.elsewhere(() -> source.get(key))));
    source.with("k", "v");

    assertThat(get(cache, "k")).isEqualTo("v");
    assertThat(getAll(cache, List.of("k", "unknown"))).containsExactly(entry("k", "v"));
  }

  @Test
  void bulkLoadersThatDoNotBlockServeBothFaces() {
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .buildAsync(
                    key -> CompletableFuture.completedFuture("one"),
                    keys -> AsyncFace.elsewhere(() -> all(keys))));

    assertThat(getAll(cache, List.of("a", "b")))
        .containsExactly(entry("a", "all"), entry("b", "all"));
    assertThat(get(cache, "c")).isEqualTo("one");
  }

  private static Map<String, String> all(Set<String> keys) {
    return keys.stream().collect(Collectors.toMap(key -> key, key -> "all"));
  }

  @Test
  void aLoaderMayBeToldAboutItsLoad() {
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .buildWithContext(
                    (key, context) -> {
                      context.ttl(Duration.ofMinutes(1));
                      return "v";
                    }));

    get(cache, "k");

    eventually(
        () -> assertThat(cache.remainingTtl("k").orElseThrow()).isLessThan(Duration.ofSeconds(61)));
  }

  @Test
  void theFacesKnowEachOther() {
    LoadingCacheAside<String, String> cache = loading();
    AsyncLoadingCacheAside<String, String> async = cache.async();

    assertThat(async.sync()).isSameAs(cache);
    assertThat(cache.async()).isSameAs(async);
  }

  @Test
  void staleValuesAreRefreshedByTheLoader() {
    LoadingCacheAside<String, String> cache =
        closedAfterwards(builder().staleWhileRevalidate(Duration.ofMinutes(10)).build(source::get));
    source.with("k", "new");
    cache.put("k", "old");
    cache.markStale("k");

    assertThat(getAll(cache, List.of("k"))).containsExactly(entry("k", "old"));

    eventually(() -> assertThat(get(cache, "k")).isEqualTo("new"));
  }

  /** Reads the cache whose loader it is. */
  private LoadingCacheAside<String, String> nesting(
      CacheAsideBuilder<String, String> builder, int inner) {
    AtomicReference<LoadingCacheAside<String, String>> self = new AtomicReference<>();
    List<String> keys = IntStream.range(0, inner).mapToObj(i -> "inner" + i).toList();
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder.build(
                key ->
                    key.startsWith("inner")
                        ? "value of " + key
                        : "has " + self.get().getAll(keys).size()));
    self.set(cache);
    return cache;
  }

  @Test
  void loadersThatReadSeveralKeysDoNotWaitForTheirOwnThread() {
    ExecutorService one = Executors.newSingleThreadExecutor(Callers::daemon);
    LoadingCacheAside<String, String> cache = nesting(builder().loaderExecutor(one), 2);

    assertThat(get(cache, "outer")).isEqualTo("has 2");

    one.shutdown();
  }

  @Test
  void manyLoadersThatReadSeveralKeysDoNotTakeEachOthersThreads() {
    LoadingCacheAside<String, String> cache = nesting(builder(), 2);
    List<String> keys = IntStream.range(0, 40).mapToObj(i -> "outer" + i).toList();

    assertThat(getAll(cache, keys)).hasSize(40).containsValue("has 2");
  }

  @Test
  void noMoreLoadersRunThanLoadsMay() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    LoadingCacheAside<String, String> cache =
        closedAfterwards(
            builder()
                .maxConcurrentLoads(2)
                .maxQueuedLoads(0)
                .build(
                    key -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      Thread.yield();
                      running.decrementAndGet();
                      return "v";
                    }));
    List<String> keys = IntStream.range(0, 50).mapToObj(i -> "k" + i).toList();

    assertThat(getAll(cache, keys)).hasSize(50);
    assertThat(most.get()).isBetween(1, 2);
  }
}
