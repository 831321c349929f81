package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.LoadException;
import io.cacheaside.ReadOptions;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that are too old stand in for loads that fail. */
@OnEveryStore
@Tag("races")
class StaleIfErrorTest extends CacheTest {
  private static final IllegalStateException DOWN = new IllegalStateException("down");

  private CacheAsideBuilder<String, String> lenient() {
    return builder().staleIfError(Duration.ofMinutes(10));
  }

  private static String failing(String key) {
    throw DOWN;
  }

  private void stale(CacheAside<String, String> cache) {
    cached(cache, "k", "old");
    assertThat(cache.markStale("k")).isTrue();
    source.with("k", "new");
  }

  /** Begins a load that fails when it is let go. */
  private Call<String> loadThatFails(CacheAside<String, String> cache, CountDownLatch letGo)
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Call<String> load =
        callers.start(
            () ->
                cache.get(
                    "k",
                    key -> {
                      begun.countDown();
                      letGo.await();
                      throw DOWN;
                    }));
    begun.await();
    return load;
  }

  @Test
  void theStaleValueStandsInForALoadThatFails() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    assertThat(cache.get("k", StaleIfErrorTest::failing)).isEqualTo("old");

    assertThat(cache.stats().staleServed()).isEqualTo(1);
    assertThat(cache.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void aLoadThatSucceedsGoesBeforeTheStaleValue() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    assertThat(cache.get("k", source::get)).isEqualTo("new");

    eventually(() -> assertCached(cache, "k", "new"));
    assertThat(cache.stats().staleServed()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aValueThatIsInvalidatedDuringTheLoadDoesNotStandIn(boolean byItsTag) throws Exception {
    CacheAside<String, String> here = open(lenient().tags(key -> List.of("tag")));
    CacheAside<String, String> there =
        open(lenient().tags(key -> List.of("tag")).store(anotherStore()));
    stale(here);
    CountDownLatch failing = new CountDownLatch(1);
    Call<String> load = loadThatFails(here, failing);

    if (byItsTag) {
      there.invalidateTag("tag");
    } else {
      there.invalidate("k");
    }
    failing.countDown();

    assertThat(load.failure()).isSameAs(DOWN);
    assertThat(here.stats().staleServed()).isZero();
  }

  @Test
  void whatReplacedTheStaleValueDuringTheLoadStandsIn() throws Exception {
    CacheAside<String, String> here = open(lenient());
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(here);
    CountDownLatch failing = new CountDownLatch(1);
    Call<String> load = loadThatFails(here, failing);

    there.put("k", "newer");
    failing.countDown();

    assertThat(load.result()).isEqualTo("newer");
    assertThat(here.stats().staleServed()).isZero();
  }

  @Test
  void theSourceIsLeftInPeaceForAWhileByAllProcesses() {
    CacheAside<String, String> here =
        open(lenient().failureBackoff(Duration.ofHours(1), Duration.ofHours(1)));
    CacheAside<String, String> there = open(lenient().store(anotherStore()));
    stale(here);
    assertThat(here.get("k", StaleIfErrorTest::failing)).isEqualTo("old");

    eventually(() -> assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("old"));
    assertThat(here.get("k", CacheTest::notLoaded)).isEqualTo("old");
    here.invalidate("k");

    assertThat(there.get("k", source::get)).isEqualTo("new");
  }

  @Test
  void aStrictReadGetsTheFailure() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    assertThatThrownBy(
            () -> cache.get("k", ReadOptions.defaults().strict(), StaleIfErrorTest::failing))
        .isSameAs(DOWN);
  }

  @Test
  void anErrorIsNotMasked() {
    CacheAside<String, String> cache = open(lenient().fallback(key -> "fallback"));
    stale(cache);
    AssertionError error = new AssertionError("broken");

    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      throw error;
                    }))
        .isSameAs(error);
  }

  @Test
  void aLoaderMayFailWithoutThrowing() {
    CacheAside<String, String> cache = open(lenient());
    assertThatThrownBy(
            () -> cache.getWithContext("k", (key, context) -> context.fail("status 503")))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("status 503");
    stale(cache);

    assertThat(cache.getWithContext("k", (key, context) -> context.fail("status 503")))
        .isEqualTo("old");
  }

  @Test
  void aFallbackIsForLoadsWithoutAStaleValueAndIsNotCached() {
    CacheAside<String, String> cache = open(lenient().fallback(key -> "fallback of " + key));

    assertThat(cache.get("k", StaleIfErrorTest::failing)).isEqualTo("fallback of k");
    assertThat(cache.stats().fallbacksServed()).isEqualTo(1);
    assertNotCached(cache, "k");
    stale(cache);

    assertThat(cache.get("k", StaleIfErrorTest::failing)).isEqualTo("old");
    assertThat(cache.stats().fallbacksServed()).isEqualTo(1);
  }

  @Test
  void aBulkReadFallsBackOnStaleValues() {
    CacheAside<String, String> cache = open(lenient());
    stale(cache);

    Map<String, String> values =
        cache.getAll(
            List.of("k"),
            keys -> {
              throw DOWN;
            });

    assertThat(values).isEqualTo(Map.of("k", "old"));
  }
}
