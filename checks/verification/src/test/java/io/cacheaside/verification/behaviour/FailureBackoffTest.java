package io.cacheaside.verification.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cacheaside.CacheAside;
import io.cacheaside.Loader;
import io.cacheaside.ReadOptions;
import io.cacheaside.SharedLoadException;
import io.cacheaside.codec.Codec;
import io.cacheaside.store.InMemoryStore;
import io.cacheaside.testkit.FakeTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Failed loads keep further ones away for a while. */
@InMemoryOnly
class FailureBackoffTest extends CacheTest {
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  /** The kind of a note of a failure, as the wire format has it. */
  private static final int FAILURE = 5;

  private final FakeTime time = new FakeTime();

  /** Without luck a back-off is half of what it could be. */
  private CacheAside<String, String> heldBack() {
    return open(
        CacheAside.<String>builder(name, Codec.string())
            .environment(time)
            .failureBackoff(Duration.ofSeconds(2), Duration.ofSeconds(6)));
  }

  private static void fail(CacheAside<String, String> cache) {
    IllegalStateException down = new IllegalStateException("password");
    assertThatThrownBy(
            () ->
                cache.get(
                    "k",
                    key -> {
                      throw down;
                    }))
        .isSameAs(down);
    eventually(() -> assertHeldBack(cache));
  }

  private static void assertHeldBack(CacheAside<String, String> cache) {
    assertThat(catchThrowable(() -> cache.get("k", CacheTest::notLoaded)))
        .isInstanceOf(SharedLoadException.class)
        .hasMessageContaining(IllegalStateException.class.getName())
        .hasMessageNotContaining("password")
        .hasNoCause();
  }

  @Test
  void readsFailAtOnceUntilTheTimeIsOver() {
    CacheAside<String, String> cache = heldBack();
    fail(cache);

    time.advance(Duration.ofSeconds(1).minus(MILLISECOND));
    assertHeldBack(cache);
    time.advance(MILLISECOND);

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void anInvalidationEndsIt() {
    CacheAside<String, String> cache = heldBack();
    fail(cache);

    cache.invalidate("k");

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aForcedReadDoesNotCare() {
    CacheAside<String, String> cache = heldBack();
    fail(cache);

    assertThat(cache.get("k", ReadOptions.defaults().forceRefresh(), key -> "v")).isEqualTo("v");
    eventually(() -> assertCached(cache, "k", "v"));
  }

  @Test
  void theTimeDoublesWithEachFailureInARowUpToTheLongest() {
    CacheAside<String, String> cache = heldBack();
    for (Duration held :
        new Duration[] {Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)}) {
      fail(cache);
      time.advance(held.minus(MILLISECOND));
      assertHeldBack(cache);
      time.advance(MILLISECOND);
    }

    assertThat(cache.get("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void aRefreshIsNotTriedAgainBeforeItsTimeIsOver() {
    InMemoryStore store = InMemoryStore.builder().nanoTime(time::nanoTime).build();
    CacheAside<String, String> cache =
        open(
            CacheAside.builder(name, Codec.string())
                .store(store)
                .environment(time)
                .staleWhileRevalidate(Duration.ofHours(1))
                .failureBackoff(Duration.ofSeconds(2), Duration.ofSeconds(6)));
    AtomicInteger tries = new AtomicInteger();
    Loader<String, String> failing =
        key -> {
          tries.incrementAndGet();
          throw new IllegalStateException("no source");
        };
    cached(cache, "k", "old");
    cache.markStale("k");

    assertThat(cache.get("k", failing)).isEqualTo("old");
    eventually(
        () ->
            assertThat(store.read(name + "%r:k").toCompletableFuture().join())
                .startsWith(0xCA, 0xCE, 2, FAILURE));
    time.advance(Duration.ofSeconds(1).minus(MILLISECOND));
    assertThat(cache.get("k", failing)).isEqualTo("old");
    assertThat(tries).hasValue(1);

    time.advance(MILLISECOND);
    assertThat(cache.get("k", key -> "new")).isEqualTo("old");
    eventually(() -> assertCached(cache, "k", "new"));
  }
}
