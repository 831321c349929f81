package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cacheaside.CacheAside;
import io.cacheaside.CacheAsideBuilder;
import io.cacheaside.CacheHealth;
import io.cacheaside.ContextLoader;
import io.cacheaside.codec.Codec;
import io.cacheaside.testkit.FakeTime;
import io.cacheaside.testkit.FaultyStore;
import io.cacheaside.verification.behaviour.Callers.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of a cache. */
@OnEveryStore
@Tag("edge")
class CloseTest extends CacheTest {

  enum Use {
    GET(cache -> cache.get("k", CacheTest::notLoaded)),
    GET_ALL(cache -> cache.getAll(List.of("a", "b"), keys -> Map.of())),
    GET_NONE(cache -> cache.getAll(List.of(), keys -> Map.of())),
    LOOKUP(cache -> cache.lookup("k")),
    PUT(cache -> cache.put("k", "v")),
    PUT_WITH_TTL(cache -> cache.put("k", "v", Duration.ofMinutes(1))),
    UPDATE(cache -> cache.update("k", old -> old)),
    WRITE_THEN_INVALIDATE(cache -> cache.writeThenInvalidate("k", () -> notWritten())),
    INVALIDATE(cache -> cache.invalidate("k")),
    INVALIDATE_ALL(cache -> cache.invalidateAll(List.of("a", "b"))),
    INVALIDATE_MATCHING(cache -> cache.invalidateMatching("*")),
    CLEAR(CacheAside::clear),
    REMAINING_TTL(cache -> cache.remainingTtl("k")),
    SET_TTL(cache -> cache.setTtl("k", Duration.ofMinutes(1))),
    TOUCH(cache -> cache.touch("k"));

    private final Consumer<CacheAside<String, String>> action;

    Use(Consumer<CacheAside<String, String>> action) {
      this.action = action;
    }

    private static String notWritten() {
      throw new AssertionError("written although the cache is closed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void useAfterCloseIsRefused(Use use) {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");
    cache.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> use.action.accept(cache))
        .withMessageContainingAll("'" + name + "'", "closed");

    CacheAside<String, String> next = open();
    assertCached(next, "k", "v");
  }

  @Test
  void closingAgainDoesNothingAndCountsCanStillBeRead() {
    CacheAside<String, String> cache = open();
    cached(cache, "k", "v");

    cache.close();
    cache.close();

    assertThat(cache.stats().loads()).isEqualTo(1);
    assertThat(cache.name()).isEqualTo(name);
  }

  @Test
  void theStoreStaysOpen() {
    CacheAside<String, String> cache = open();
    CacheAside<String, String> other =
        open(CacheAside.builder(name + "other", Codec.string()).store(store()));
    cache.close();

    cached(other, "k", "v");
  }

  @Test
  void twoOpenCachesOfOneNameOnOneStoreInstanceAreRefused() {
    CacheAside<String, String> cache = open();

    assertThatIllegalStateException()
        .isThrownBy(() -> builder().build())
        .withMessageContainingAll("name is '" + name + "'", "close it first");

    cache.close();
    open();
  }

  @Test
  void loadsUnderWayAreWaitedForAndCached() throws Exception {
    CacheAside<String, String> cache = open(builder().closeTimeout(Duration.ofMinutes(1)));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 2, List.of(load, waiter));

    Call<Boolean> closing = callers.start(() -> close(cache));
    eventually(() -> assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.CLOSED));
    assertThat(closing.isDone()).isFalse();
    source.resume();

    assertThat(closing.result()).isTrue();
    assertThat(load.result()).isEqualTo("v");
    assertThat(waiter.result()).isEqualTo("v");
    CacheAside<String, String> next = open();
    eventually(() -> assertCached(next, "k", "v"));
  }

  @Test
  void aLoadThatIsNotToBeCachedIsWaitedForToo() throws Exception {
    CacheAside<String, String> cache = open(builder().closeTimeout(Duration.ofMinutes(1)));
    ContextLoader<String, String> uncached =
        (key, context) -> {
          context.doNotCache();
          return source.get(key);
        };
    source.with("k", "v");
    assertThat(cache.getWithContext("k", uncached)).isEqualTo("v");
    eventually(() -> assertThat(cache.explain("k")).contains("not to be cached"));
    source.pause();
    Call<String> load = callers.start(() -> cache.getWithContext("k", uncached));
    source.awaitWaiting(1, Callers.DEADLINE);

    Call<Boolean> closing = callers.start(() -> close(cache));
    eventually(() -> assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.CLOSED));
    eventually(() -> assertThat(closing.isWaiting()).isTrue());
    assertThat(closing.isDone()).isFalse();
    source.resume();

    assertThat(closing.result()).isTrue();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void aFillUnderWayIsWaitedForSoThatTheStoreCanBeClosedNext() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache =
        open(builder().store(store).closeTimeout(Duration.ofMinutes(1)));
    FaultyStore.Hold fill = store.next(FaultyStore.Operation.SWAP).hold();
    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
    fill.awaitArrived();

    Call<Boolean> closing = callers.start(() -> close(cache));
    eventually(() -> assertThat(cache.health().status()).isEqualTo(CacheHealth.Status.CLOSED));
    assertThat(closing.isDone()).isFalse();
    fill.release();

    assertThat(closing.result()).isTrue();
    assertCached(open(), "k", "v");
  }

  /** Returns a cache whose callers are told of its end by nothing else in the time of a test. */
  private CacheAsideBuilder<String, String> closingAtOnce() {
    return builder().closeTimeout(Duration.ofMillis(50)).loadTimeout(Duration.ofHours(1));
  }

  @Test
  void whoStillWaitsAfterTheCloseTimeoutIsToldSo() throws Exception {
    CacheAside<String, String> cache = open(closingAtOnce());
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 2, List.of(load, waiter));

    cache.close();

    assertThat(waiter.failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(name, "closed");
    source.resume();
    if (isSync()) {
      assertThat(load.result()).as("its own thread has loaded it").isEqualTo("v");
    } else {
      assertThat(load.failure()).isInstanceOf(IllegalStateException.class);
    }
    CacheAside<String, String> next = open();
    assertNotCached(next, "k");
    assertThat(next.get("k", key -> "at once")).isEqualTo("at once");
  }

  @Test
  void whoWaitsForAnotherProcessIsToldSo() throws Exception {
    CacheAside<String, String> there = open(builder().store(anotherStore()));
    FakeTime time = new FakeTime();
    CacheAside<String, String> here = open(builder().environment(time));
    source.with("k", "v").pause();
    Call<String> load = callers.start(() -> there.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    Call<String> waiter = callers.start(() -> here.get("k", CacheTest::notLoaded));
    awaitWaiting(here, 1, List.of(waiter));

    here.close();
    time.advance(Duration.ofSeconds(5));

    assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class);
    source.resume();
    assertThat(load.result()).isEqualTo("v");
  }

  @Test
  void withoutAStoreWhoWaitsForItsTurnIsToldSo() throws Exception {
    FaultyStore store = faultyStore();
    CacheAside<String, String> cache = open(closingAtOnce().store(store));
    store.disconnect();
    source.with("k", "v").pause();
    callers.start(() -> cache.get("k", source::get));
    source.awaitWaiting(1, Callers.DEADLINE);
    List<Call<String>> waiters = callers.start(4, () -> cache.get("k", CacheTest::notLoaded));
    awaitWaiting(cache, 5, waiters);

    cache.close();

    assertThat(Callers.failures(waiters))
        .allSatisfy(failure -> assertThat(failure).isInstanceOf(IllegalStateException.class));
  }

  private static boolean close(CacheAside<?, ?> cache) {
    cache.close();
    return true;
  }
}
