package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.cacheaside.CacheAside;
import io.cacheaside.LoadTimeoutException;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** G4: what happens at the load timeout of a loader that does not return. */
@OnEveryStore
@Tag("races")
class LoadTimeoutTest extends CacheTest {
  private static final Duration LOAD_TIMEOUT = Duration.ofMillis(200);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch returning = new CountDownLatch(1);

  private String lateLoader(String key) throws InterruptedException {
    begun.countDown();
    returning.await();
    return "late";
  }

  private Call<String> hangingLoad(CacheAside<String, String> cache) throws Exception {
    Call<String> load = callers.start(() -> cache.get("k", this::lateLoader));
    begun.await();
    return load;
  }

  @Test
  void theLeaseIsGivenUpAndWhoWaitsGoesOn() throws Exception {
    CacheAside<String, String> cache = open(builder().loadTimeout(LOAD_TIMEOUT));
    Call<String> load = hangingLoad(cache);

    assertThat(cache.get("k", key -> "fresh")).isEqualTo("fresh");

    eventually(() -> assertCached(cache, "k", "fresh"));
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
    returning.countDown();
    if (isSync()) {
      assertThat(load.result()).as("its own thread has loaded it").isEqualTo("late");
    } else {
      assertThat(load.failure()).isInstanceOf(LoadTimeoutException.class);
    }
    assertCached(cache, "k", "fresh");
  }

  @Test
  void aLateResultIsNotCached() throws Exception {
    CacheAside<String, String> cache = open(builder().loadTimeout(LOAD_TIMEOUT));
    Call<String> load = hangingLoad(cache);
    eventually(() -> assertThat(cache.stats().loadFailures()).isEqualTo(1));

    returning.countDown();
    eventually(() -> assertThat(load.isDone()).isTrue());

    assertNotCached(cache, "k");
    assertThat(cache.stats().fills() + cache.stats().loads()).isZero();
    assertThat(cache.get("k", key -> "fresh")).isEqualTo("fresh");
  }

  @Test
  void anotherProcessGoesOnToo() throws Exception {
    CacheAside<String, String> here = open(builder().loadTimeout(LOAD_TIMEOUT));
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    hangingLoad(here);

    assertThat(there.get("k", key -> "fresh")).isEqualTo("fresh");

    eventually(() -> assertCached(here, "k", "fresh"));
  }

  @Test
  void withAnExecutorForLoadersTheCallerGoesOnToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache =
        open(builder().loadTimeout(LOAD_TIMEOUT).loaderExecutor(loaders));
    Call<String> load = hangingLoad(cache);

    assertThat(load.failure())
        .isInstanceOf(LoadTimeoutException.class)
        .hasMessageContainingAll(name, "'k'", "200 ms");

    returning.countDown();
    assertThat(cache.get("k", key -> "fresh")).isEqualTo("fresh");
    eventually(() -> assertCached(cache, "k", "fresh"));
  }

  @Test
  void withAnExecutorForLoadersABulkReadGoesOnToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache =
        open(builder().loadTimeout(LOAD_TIMEOUT).loaderExecutor(loaders));

    Call<?> load =
        callers.start(
            () ->
                cache.getAll(
                    List.of("a", "b"),
                    keys -> {
                      returning.await();
                      return BulkTest.itself(keys);
                    }));

    assertThat(load.failure()).hasCauseInstanceOf(LoadTimeoutException.class);
    returning.countDown();
    assertThat(cache.get("a", key -> "fresh")).isEqualTo("fresh");
  }

  private static boolean runIn(Runnable task) {
    task.run();
    return true;
  }

  @Test
  void anExecutorForLoadersRunsThemAndNothingElseChanges() {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache = open(builder().loaderExecutor(loaders));
    Thread caller = Thread.currentThread();

    String value =
        cache.get(
            "k",
            key -> {
              assertThat(Thread.currentThread()).isNotSameAs(caller);
              return "v";
            });

    assertThat(value).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
    assertThat(cache.getAll(List.of("k", "j"), BulkTest::itself))
        .containsEntry("k", "v")
        .containsEntry("j", "j");
  }

  @Test
  void aLoadWhoseResultIsNotToBeCachedEndsToo() throws Exception {
    Executor loaders = task -> callers.start(() -> runIn(task));
    CacheAside<String, String> cache =
        open(builder().loadTimeout(LOAD_TIMEOUT).loaderExecutor(loaders));
    cache.get(
        "k",
        (key, context) -> {
          context.doNotCache();
          return "uncached";
        });

    Call<String> load = hangingLoad(cache);

    assertThat(load.failure()).isInstanceOf(LoadTimeoutException.class);
    returning.countDown();
  }
}
