package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.SharedLoadException;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What several processes see of early refreshes, impatient readers and loads that come to nothing.
 */
@OnEveryStore
@Tag("races")
class SharedRefreshTest extends CacheTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Rules by which every value is due as soon as it is cached. */
  enum Due {
    AFTER(EarlyRefresh.after(1e-12)),
    X_FETCH(EarlyRefresh.xFetch(1e12));

    private final EarlyRefresh rule;

    Due(EarlyRefresh rule) {
      this.rule = rule;
    }
  }

  private CacheAsideBuilder<String, String> refreshing(Due due) {
    return builder().environment(new FixedChance(0.5)).earlyRefresh(due.rule);
  }

  private CacheAside<String, String> elsewhere(CacheAsideBuilder<String, String> builder) {
    return open(builder.store(anotherStore()));
  }

  @ParameterizedTest
  @EnumSource
  void oneOfTwoProcessesRefreshesEarly(Due due) throws Exception {
    CacheAside<String, String> here = open(refreshing(due));
    CacheAside<String, String> there = elsewhere(refreshing(due));
    cached(here, "k", "old");
    source.with("k", "new").pause();
    assertThat(here.get("k", source::get)).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);

    for (int i = 0; i < 10; i++) {
      assertThat(there.get("k", CacheTest::notLoaded)).isEqualTo("old");
    }
    source.resume();

    eventually(() -> assertCached(there, "k", "new"));
    assertThat(source.reads("k")).isEqualTo(2);
    assertThat(here.stats().refreshes()).isEqualTo(1);
    assertThat(there.stats().refreshes()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void anEarlyRefreshDoesNotBringBackWhatIsInvalidatedElsewhere(Due due) throws Exception {
    CacheAside<String, String> here = open(refreshing(due));
    CacheAside<String, String> there = elsewhere(refreshing(due));
    cached(here, "k", "old");
    source.pause();
    assertThat(here.get("k", source::get)).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);

    there.invalidate("k");
    source.resume();

    eventually(() -> assertThat(here.stats().refusedFills()).isEqualTo(1));
    assertNotCached(here, "k");
  }

  @Test
  void whatAnImpatientReaderDidNotWaitForIsStored() throws Exception {
    CacheAside<String, String> cache =
        open(builder().staleIfError(LONG).softTimeout(Duration.ofMillis(1)));
    cached(cache, "k", "old");
    cache.markStale("k");
    source.with("k", "new").pause();

    Call<String> read = callers.start(() -> cache.get("k", source::get));

    assertThat(read.result()).isEqualTo("old");
    source.awaitWaiting(1, Callers.DEADLINE);
    source.resume();
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aLoadThatNobodyWaitsForIsOthersToBegin() {
    CacheAside<String, String> here = open(builder().leaseTime(LONG));
    CacheAside<String, String> there = elsewhere(builder().leaseTime(LONG));
    AtomicBoolean loading = new AtomicBoolean();
    CompletableFuture<String> load =
        here.async()
            .get(
                "k",
                key -> {
                  loading.set(true);
                  return new CompletableFuture<>();
                });
    eventually(() -> assertThat(loading).isTrue());

    load.cancel(true);

    assertThat(there.get("k", key -> "v")).isEqualTo("v");
    assertThat(here.stats().cancelledLoads()).isEqualTo(1);
  }

  @Test
  void aFailureHoldsLoadsBackElsewhereUntilTheKeyIsInvalidated() {
    CacheAside<String, String> here = open(builder().failureBackoff(LONG, LONG));
    CacheAside<String, String> there = elsewhere(builder().failureBackoff(LONG, LONG));
    IllegalStateException down = new IllegalStateException("down");
    assertThat(catchThrowable(() -> here.get("k", key -> failing(down)))).isSameAs(down);
    eventually(() -> assertThat(there.explain("k")).contains("its load failed"));

    assertThat(catchThrowable(() -> there.get("k", CacheTest::notLoaded)))
        .isInstanceOf(SharedLoadException.class)
        .hasMessageContaining(IllegalStateException.class.getName());

    there.invalidate("k");
    assertThat(here.get("k", key -> "v")).isEqualTo("v");
  }

  private static String failing(RuntimeException failure) {
    throw failure;
  }
}
