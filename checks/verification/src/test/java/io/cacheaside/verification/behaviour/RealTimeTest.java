package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What other tests look at to the millisecond, on every store in the time that really passes. */
@OnEveryStore
class RealTimeTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMillis(50);

  private static String failing(String key) {
    throw new IllegalStateException("no source");
  }

  @Test
  void aValueIsRefreshedAfterAFractionOfItsTimeWhileItIsReturned() {
    CacheAside<String, String> cache =
        open(builder().ttl(HOUR).earlyRefresh(EarlyRefresh.after(0.000_001)));
    cached(cache, "k", "old");

    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));

    assertThat(cache.stats().refreshes()).isPositive();
    assertThat(cache.stats().misses()).isEqualTo(1);
  }

  @Test
  void aValueIsRefreshedTheSoonerTheLongerItsLoadTook() throws Exception {
    CacheAside<String, String> cache =
        open(builder().ttl(HOUR).earlyRefresh(EarlyRefresh.xFetch(1e9)));
    source.with("k", "old").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    eventually(() -> assertThat(cache.explain("k")).contains("a lease"));
    source.resume();
    load.result();

    eventually(() -> assertThat(cache.get("k", key -> "new")).isEqualTo("new"));

    assertThat(cache.stats().refreshes()).isPositive();
  }

  @Test
  void loadsAreHeldBackInAllProcessesAfterOneHasFailed() {
    CacheAside<String, String> here = open(builder().failureBackoff(HOUR, HOUR));
    CacheAside<String, String> there =
        open(builder().store(anotherStore()).failureBackoff(HOUR, HOUR));

    assertThatThrownBy(() -> here.get("k", RealTimeTest::failing))
        .isInstanceOf(IllegalStateException.class);

    eventually(
        () ->
            assertThatThrownBy(() -> there.get("k", RealTimeTest::failing))
                .isInstanceOf(SharedLoadException.class));
    assertThatThrownBy(() -> there.get("k", CacheTest::notLoaded))
        .isInstanceOf(SharedLoadException.class)
        .hasMessageContaining("IllegalStateException");
    assertThat(there.stats().sharedFailures()).isPositive();
  }

  @Test
  void afterTheSoftTimeoutAReadGoesOnWithTheStaleValueAndTheLoadWithItsWork() {
    Executor loaders = task -> Callers.daemon(task).start();
    CacheAside<String, String> cache =
        open(builder().staleIfError(HOUR).softTimeout(SOON).loaderExecutor(loaders));
    CountDownLatch slow = new CountDownLatch(1);
    cache.put("k", "old");
    cache.markStale("k");

    String value =
        cache.get(
            "k",
            key -> {
              slow.await();
              return "new";
            });
    assertThat(value).isEqualTo("old");

    slow.countDown();
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void bulkReadsGoOnWithWhatIsStaleToo() {
    CacheAside<String, String> cache = open(builder().staleIfError(HOUR).softTimeout(SOON));
    CountDownLatch slow = new CountDownLatch(1);
    for (String key : List.of("a", "b")) {
      cache.put(key, "old");
      cache.markStale(key);
    }

    Map<String, String> values =
        cache.getAll(
            List.of("a", "b"),
            keys -> {
              slow.await();
              return BulkTest.itself(keys);
            });

    assertThat(values).isEqualTo(Map.of("a", "old", "b", "old"));
    slow.countDown();
  }

  @Test
  void anOverdueLoaderOnAThreadOfOursIsInterruptedAndItsKeyIsLoadableAtOnce() throws Exception {
    Executor loaders = task -> Callers.daemon(task).start();
    CacheAside<String, String> cache =
        open(builder().loaderExecutor(loaders).loadTimeout(Duration.ofSeconds(1)));
    CompletableFuture<String> interrupted = new CompletableFuture<>();
    Call<String> overdue =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.complete("interrupted");
                      }
                      return "late";
                    }));

    assertThat(overdue.failure()).isInstanceOf(LoadTimeoutException.class);
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
    if (isSync()) {
      assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
    }
  }

  @Test
  void aReadWithABoundOnTheAgeLoadsWhatIsOlder() {
    CacheAside<String, String> cache = open(builder().staleWhileRevalidate(HOUR));
    cached(cache, "k", "old");

    eventually(
        () ->
            assertThat(
                    cache.get(
                        "k", ReadOptions.defaults().maxAge(Duration.ofMillis(20)), key -> "new"))
                .isEqualTo("new"));
  }
}
