package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.EarlyRefresh;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.store.Store;
import io.cacheaside.store.TimedState;
import io.cacheaside.testkit.ForwardingStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A value that is filled in the moment in which it is read may look as if it had the time left that
 * the lease before it had. It is not loaded anew for that.
 */
@OnEveryStore
class SeemingAgeTest extends CacheTest {
  private static final Duration HOUR = Duration.ofHours(1);

  /** What asks for the age of a value. */
  enum Asked {
    STALE_IF_ERROR(cache -> cache.staleIfError(HOUR)),
    STALE_WHILE_REVALIDATE(cache -> cache.staleWhileRevalidate(HOUR)),
    EARLY_REFRESH(cache -> cache.earlyRefresh(EarlyRefresh.after(0.5)));

    private final UnaryOperator<CacheAsideBuilder<String, String>> option;

    Asked(UnaryOperator<CacheAsideBuilder<String, String>> option) {
      this.option = option;
    }
  }

  /** Tells of the time that is left what the state before would have had. */
  private static final class SeemsOld extends ForwardingStore {
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger removals = new AtomicInteger();

    SeemsOld(Store store) {
      super(store);
    }

    /** Lets some reads of whole states go wrong. */
    void next(int number) {
      reads.set(number);
    }

    @Override
    public CompletionStage<@Nullable TimedState> readTimed(String key, int maxBytes) {
      boolean seemsOld = maxBytes == Integer.MAX_VALUE && reads.getAndDecrement() > 0;
      return super.readTimed(key, maxBytes)
          .thenApply(
              state ->
                  state == null || !seemsOld
                      ? state
                      : new TimedState(state.bytes(), Duration.ofSeconds(1)));
    }

    @Override
    public CompletionStage<Boolean> remove(String key, byte[] stamp) {
      removals.incrementAndGet();
      return super.remove(key, stamp);
    }
  }

  private final ReadOptions young = ReadOptions.defaults().maxAge(Duration.ofMinutes(10));

  /** Waits until the lease that was asked for beside the value has been given back. */
  private void assertNotLoadedAnew(SeemsOld store) {
    eventually(() -> assertThat(store.removals).hasValue(1));
    assertThat(source.reads("k")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aValueThatOnlySeemsOldIsNotLoadedAnew(Asked asked) {
    SeemsOld store = new SeemsOld(store());
    CacheAside<String, String> cache = open(asked.option.apply(builder().store(store)));
    cached(cache, "k", "v");

    store.next(1);

    assertThat(cache.get("k", source::get)).isEqualTo("v");
    assertNotLoadedAnew(store);
  }

  @Test
  void norForAReadThatWantsAYoungOne() {
    SeemsOld store = new SeemsOld(store());
    CacheAside<String, String> cache = open(builder().ttl(HOUR).store(store));
    cached(cache, "k", "v");

    store.next(1);

    assertThat(cache.get("k", young, source::get)).isEqualTo("v");
    assertNotLoadedAnew(store);
  }

  @Test
  void norForOneOfSeveral() {
    SeemsOld store = new SeemsOld(store());
    CacheAside<String, String> cache = open(builder().staleIfError(HOUR).store(store));
    cached(cache, "k", "v");

    store.next(1);

    assertThat(cache.getAll(List.of("k"), source::getAll)).containsEntry("k", "v");
    assertNotLoadedAnew(store);
  }

  /** What somebody touches all the time seems old each time, too. */
  @Test
  void aForcedReadLoadsAndItsResultIsCached() {
    SeemsOld store = new SeemsOld(store());
    CacheAside<String, String> cache = open(builder().store(store));
    cached(cache, "k", "old");

    store.next(5);

    assertThat(cache.get("k", ReadOptions.defaults().forceRefresh(), key -> "new"))
        .isEqualTo("new");
    store.next(0);
    eventually(() -> assertCached(cache, "k", "new"));
  }

  @Test
  void aFailureThatOnlySeemsOldHoldsLoadsBack() {
    SeemsOld store = new SeemsOld(store());
    CacheAside<String, String> cache =
        open(builder().staleIfError(HOUR).failureBackoff(HOUR, HOUR).store(store));
    IllegalStateException down = new IllegalStateException("down");
    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      throw down;
                    }))
        .isSameAs(down);

    store.next(1);

    assertThatThrownBy(() -> cache.get("k", CacheTest::notLoaded))
        .isInstanceOf(SharedLoadException.class);
  }
}
