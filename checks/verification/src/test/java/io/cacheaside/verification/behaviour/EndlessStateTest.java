package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.ContextLoader;
import io.cacheaside.ReadOptions;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * G9: a state that keeps loads from being stored ends, although an operator has taken its expiry
 * away or given it a far longer one.
 */
@OnEveryStore
class EndlessStateTest extends CacheTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration HOUR = Duration.ofHours(1);

  /** What lets loads go unstored. */
  enum Kept {
    HOLD_OFF(cache -> cache.invalidate("k")),
    FENCE(cache -> cache.fence("k")),
    PASS(EndlessStateTest::loadWithoutCaching);

    private final Consumer<CacheAside<String, String>> action;

    Kept(Consumer<CacheAside<String, String>> action) {
      this.action = action;
    }
  }

  private static void loadWithoutCaching(CacheAside<String, String> cache) {
    ContextLoader<String, String> deciding =
        (key, context) -> {
          context.doNotCache();
          return "not cached";
        };
    assertThat(cache.getWithContext("k", ReadOptions.defaults(), deciding)).isEqualTo("not cached");
  }

  private CacheAsideBuilder<String, String> shortlived() {
    return builder().ttl(SHORT).holdOff(SHORT).fenceTime(SHORT);
  }

  private Duration remaining() throws Exception {
    TimedState state =
        store()
            .readTimed(stored("k"), Integer.MAX_VALUE)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    Duration remaining = state == null ? Duration.ZERO : state.remaining();
    return remaining == null ? Store.MAX_TTL : remaining;
  }

  private byte[] raw() throws Exception {
    return Objects.requireNonNull(
        store().read(stored("k")).toCompletableFuture().get(10, TimeUnit.SECONDS));
  }

  private void live(Duration ttl) throws Exception {
    store().put(stored("k"), raw(), ttl).toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Leaves a state with a long time of its own, from which its expiry was taken away. */
  private void keepEndlessly(Kept kept) {
    CacheAside<String, String> cache =
        open(builder().ttl(HOUR).holdOff(HOUR).fenceTime(HOUR).store(anotherStore()));
    kept.action.accept(cache);
    eventually(() -> assertThat(remaining()).isPositive());
    if (kept == Kept.PASS) {
      eventually(() -> assertThat(remaining()).isGreaterThan(Duration.ofMinutes(30)));
    }
    setup.backend().persist(stored("k"));
  }

  @ParameterizedTest
  @EnumSource
  void itEndsWhenItHasBeenReadWithItsOwnTime(Kept kept) {
    CacheAside<String, String> cache = open(builder().ttl(HOUR).holdOff(HOUR).fenceTime(HOUR));
    keepEndlessly(kept);

    assertThat(cache.get("k", key -> null)).isNull();

    eventually(() -> assertThat(remaining()).isPositive().isLessThanOrEqualTo(HOUR));
  }

  @ParameterizedTest
  @EnumSource
  void orWithTheLongestTimeThatTheCacheWouldGive(Kept kept) {
    CacheAside<String, String> cache = open(shortlived());
    keepEndlessly(kept);

    cached(cache, "k", "v");
  }

  @ParameterizedTest
  @EnumSource
  void soItDoesAmongSeveralKeys(Kept kept) {
    CacheAside<String, String> cache = open(shortlived());
    keepEndlessly(kept);
    source.with("j", "2").with("k", "1");

    eventually(
        () -> {
          assertThat(cache.getAll(List.of("j", "k"), source::getAll)).containsEntry("k", "1");
          assertCached(cache, "k", "1");
        });
  }

  @ParameterizedTest
  @EnumSource
  void aCacheWithoutBarriersEndsItToo(Kept kept) {
    CacheAside<String, String> cache = open(builder().ttl(SHORT));
    keepEndlessly(kept);

    cached(cache, "k", "v");
  }

  @ParameterizedTest
  @EnumSource
  void aTimeThatIsFarTooLongIsCutAsWell(Kept kept) throws Exception {
    CacheAside<String, String> cache = open(shortlived());
    keepEndlessly(kept);
    live(Store.MAX_TTL);

    cached(cache, "k", "v");
  }

  @ParameterizedTest
  @EnumSource
  void anInvalidationCutsIt(Kept kept) throws Exception {
    CacheAside<String, String> cache = open(shortlived());
    keepEndlessly(kept);

    cache.invalidate("k");

    assertThat(remaining()).isPositive().isLessThanOrEqualTo(SHORT);
  }

  @ParameterizedTest
  @EnumSource
  void aFenceCutsItAndLeavesNoMoreBehind(Kept kept) throws Exception {
    CacheAside<String, String> cache = open(shortlived());
    keepEndlessly(kept);

    cache.fence("k").invalidate();

    assertThat(remaining()).isPositive().isLessThanOrEqualTo(SHORT);
  }

  /**
   * G10: a read must not end the hold-off of a process that was given a longer one, nor renew it.
   */
  @Test
  void aHoldOffOfAnotherProcessWithinTheTimeOfValuesIsLeftAlone() throws Exception {
    CacheAside<String, String> patient = open(builder().holdOff(HOUR).store(anotherStore()));
    CacheAside<String, String> cache = open(builder().ttl(HOUR).holdOff(SHORT));
    patient.invalidate("k");
    live(Duration.ofMinutes(20));

    for (int i = 0; i < 5; i++) {
      assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    }
    eventually(() -> assertThat(isIdle()).isTrue());

    assertThat(remaining())
        .isLessThanOrEqualTo(Duration.ofMinutes(20))
        .isGreaterThan(Duration.ofMinutes(10));
  }

  @Test
  void aNoteOfAFailureHoldsNothingBackOnceItHasLostItsExpiry() throws Exception {
    CacheAside<String, String> cache = open(builder().failureBackoff(HOUR, HOUR));
    IllegalStateException down = new IllegalStateException("down");
    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      throw down;
                    }))
        .isSameAs(down);
    eventually(() -> assertThat(remaining()).isGreaterThan(Duration.ofMinutes(30)));
    setup.backend().persist(stored("k"));

    cached(cache, "k", "v");
  }
}
